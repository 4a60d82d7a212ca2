/** Ends a process that has nothing left to do. */

/** Milliseconds in which a process may end by itself. */
const PATIENCE_MS = 1_000;

/** Ends this process, where something that nobody disposed keeps it: nobody would ever end it otherwise. */
export function endSoon(): void {
  setTimeout(() => process.exit(), PATIENCE_MS).unref();
}
