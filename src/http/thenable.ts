/** Tells what must be awaited. */

/** Whether `value` must be awaited: a promise, or a query builder that acts as one. */
export function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
