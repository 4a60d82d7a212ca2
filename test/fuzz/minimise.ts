/** Makes a failing input smaller. */

/**
 * Takes pieces out of `input`, large ones first, as long as `fails` still holds. The least that is taken is one
 * character.
 */
export async function minimise(
  input: string,
  fails: (candidate: string) => boolean | Promise<boolean>,
): Promise<string> {
  let smallest = input;
  for (let size = Math.max(1, input.length >> 1); size >= 1; size >>= 1) {
    for (let at = 0; at < smallest.length; ) {
      const candidate = smallest.slice(0, at) + smallest.slice(at + size);
      if (await fails(candidate)) smallest = candidate;
      else at += size;
    }
  }
  return smallest;
}
