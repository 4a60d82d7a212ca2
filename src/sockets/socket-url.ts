/** Writes where a socket listens as a URL. */

/** `https://localhost:8443`: for all interfaces the name by which this machine reaches itself. */
export function socketUrl(scheme: string, ip: string, port: number): string {
  const host = ip === '0.0.0.0' || ip === '::' ? 'localhost' : ip.includes(':') ? `[${ip}]` : ip;
  return `${scheme}://${host}:${port}`;
}
