/** Says what is wrong with an option of a middleware, when it is made. */

/** `rateLimit: quota must be a whole number from 1, got "many"`. */
export function optionError(place: string, expected: string, found: unknown): TypeError {
  return new TypeError(`${place} must be ${expected}, got ${describe(found)}`);
}

/** Gives `value`. @throws TypeError unless it is a whole number from `least` to `most`. */
export function checkWhole(place: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw optionError(place, `a whole number ${range}`, value);
}

/** @throws TypeError for an option that nobody reads: most often one that is misspelt. */
export function checkNames(middleware: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`${middleware}: unknown option "${unknown}"; known are ${known.join(', ')}`);
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value.constructor?.name ?? 'an object';
  return typeof value === 'string' || Array.isArray(value) ? JSON.stringify(value) : String(value);
}
