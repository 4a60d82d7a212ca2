/** Tells Connect-style middleware what its request and response lack here. */

/** What keeps note of the members that were asked for in vain. */
export interface Touchable {
  /** @internal */
  touch(member: string): void;
}

/**
 * Makes each of `members` throw when it is read: middleware may take for granted that node:http has them, and would fail
 * further on, in words about something else. One that was set is what it was set to.
 */
export function refuseMembers(prototype: object, owner: string, members: readonly string[]): void {
  for (const member of members) {
    defineLacking(prototype, member, () => {
      throw new Error(`connect: ${owner}.${member} of node:http is not there, no parser of node:http has read this`);
    });
  }
}

/**
 * Makes each of `members` undefined, as they are in Connect itself, but noted: middleware looks whether it is inside
 * Express, so to look is no mistake, and to rely on what it found missing is.
 */
export function noteMembers(prototype: Touchable, owner: string, members: readonly string[]): void {
  for (const member of members) {
    defineLacking(prototype, member, (self) => {
      self.touch(`${owner}.${member}`);
      return undefined;
    });
  }
}

/** An accessor costs those members alone. A Proxy would cost each access 80 ns instead of 8 (Node 20). */
function defineLacking(prototype: object, member: string, read: (self: Touchable) => undefined): void {
  Object.defineProperty(prototype, member, {
    configurable: true,
    get(this: Touchable) {
      return read(this);
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, member, { value, writable: true, enumerable: true, configurable: true });
    },
  });
}
