/** Starts the one part of an application that a measurement asks for. */

/** What a server can serve. A process serves one of them, so nothing else is loaded or compiled beside it. */
export type Part = 'hello' | 'user' | 'order' | 'middlewares' | 'routes' | 'library' | 'upload' | 'ticks';

export const HOST = '127.0.0.1';

/** How long every server keeps an idle connection, so that the same number is open when memory is measured. */
export const KEEP_ALIVE_MS = 75_000;

/** Runs the part named on the command line. */
export async function startPart(parts: Readonly<Partial<Record<Part, () => unknown>>>): Promise<void> {
  const start = parts[process.argv[2] as Part];
  if (start === undefined) reportUnavailable(`serves no ${process.argv[2]}`);
  else await start();
}

/** Tells the benchmark where the server listens. */
export function reportPort(port: number): void {
  console.log(port);
}

/** Tells the benchmark that this server cannot be measured, and ends. */
export function reportUnavailable(reason: string): never {
  console.log(`unavailable: ${reason}`);
  process.exit(0);
}
