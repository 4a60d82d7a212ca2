/** Writes errors and warnings to standard error. */

import type { Logger } from '../http/logger.js';

/** Writes one line for each entry to standard error, with the stack of `fields.err` under it. */
export const consoleLogger: Logger = {
  error: (fields, message) => writeLine('error', fields, message),
  warn: (fields, message) => writeLine('warn', fields, message),
  info: (fields, message) => writeLine('info', fields, message),
};

function writeLine(level: string, fields: object, message: string): void {
  const { err, ...rest } = fields as { err?: unknown };
  const details = Object.entries(rest).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}${details.join('')}\n`);
  if (err !== undefined) process.stderr.write(`${describeThrown(err)}\n`);
}

/** The stack of an error with those of its causes; whatever else was thrown, in words. Never throws. */
export function describeThrown(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return `${typeof thrown} thrown: ${String(thrown)}`;
    const own = thrown.stack ?? `${thrown.name}: ${thrown.message}`;
    return thrown.cause === undefined ? own : `${own}\ncaused by: ${describeThrown(thrown.cause)}`;
  } catch {
    return 'a value that cannot be shown was thrown';
  }
}
