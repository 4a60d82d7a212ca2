/** Reads where a sample listens from the environment. */

/** `PORT` (default 8080) and `HOST` (default 127.0.0.1, reachable from this machine only, unless a sample says another). */
export function addressFromEnv(host = '127.0.0.1'): { port: number; host: string } {
  const text = process.env.PORT ?? '8080';
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`PORT must be a number from 0 to 65535, got "${text}"`);
  return { port, host: process.env.HOST ?? host };
}
