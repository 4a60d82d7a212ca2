/** Checks what `setoption` is given. */

/** Names of options with their values; the type of a default is the type of what may be set. */
export type SocketOptions = Record<string, boolean | number | string>;

/**
 * Sets one of `options`, of a socket whose class is called `owner`, article included.
 *
 * @throws TypeError for a name or a type it does not have; Error once listening.
 */
export function setSocketOption(
  owner: string,
  options: SocketOptions,
  name: string,
  value: unknown,
  isListening: boolean,
): void {
  if (!Object.hasOwn(options, name)) {
    throw new TypeError(`Unknown option "${name}": ${owner} knows ${Object.keys(options).join(', ') || 'none'}`);
  }
  const expected = typeof options[name];
  if (typeof value !== expected) {
    throw new TypeError(`Option "${name}" must be a ${expected}, got ${typeof value}`);
  }
  if (isListening) throw new Error(`Option "${name}" must be set before listening`);
  options[name] = value as boolean | number | string;
}
