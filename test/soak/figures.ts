/** Declares what the process of the server is asked, and what it tells. */

export type Ask = 'figures' | 'close';

export interface Figures {
  readonly rssBytes: number;
  /** The part of it that V8 has for objects, used or not. */
  readonly heapBytes: number;
  /** The part of that which objects use. */
  readonly usedBytes: number;
  /** What keeps the process busy, by the names of `process.getActiveResourcesInfo()`. */
  readonly handles: Readonly<Record<string, number>>;
  /** Requests that reached the application. */
  readonly requests: number;
  /** What the server logged: by message, how often. */
  readonly logged: Readonly<Record<string, number>>;
}

export interface Closed {
  /** When `close()` was called: nanoseconds of the clock that all processes of a machine share. */
  readonly closedAt: string;
  readonly destroyed: number;
  /** The names of the requests whose handler was called. */
  readonly seen: readonly string[];
}

export type Tell = { readonly port: number } | { readonly figures: Figures } | { readonly closed: Closed };

export const MIB = 1_048_576;

/** Figures as one line. */
export function describe({ rssBytes, heapBytes, usedBytes, handles, requests }: Figures): string {
  const counts = Object.entries(handles).map(([name, n]) => `${name} ${n}`);
  const mib = (bytes: number) => (bytes / MIB).toFixed(1);
  const memory = `RSS ${mib(rssBytes)} MiB (heap ${mib(heapBytes)}, used ${mib(usedBytes)})`;
  return `${requests} requests served, ${memory}, handles: ${counts.join(', ') || 'none'}`;
}

/** How many sockets of clients the process holds. */
export function clientSockets({ handles }: Figures): number {
  return handles.TCPSocketWrap ?? 0;
}
