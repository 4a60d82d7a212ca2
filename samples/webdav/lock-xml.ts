/** Reads and writes the XML about locks (RFC 4918 §14, §15). */

import { HttpError } from 'luminaire';
import type { Lock } from './locks.js';
import { elementsOf, isDav, parseXml, writeFragment } from './xml.js';
import { escapeText } from './xml-text.js';

/** What a LOCK asks for in its content. */
export interface LockInfo {
  readonly scope: 'exclusive' | 'shared';
  /** The `owner` element, or ''. */
  readonly owner: string;
}

/** Longest `owner`, in characters: it is in memory for as long as its lock. */
const MAX_OWNER_LENGTH = 4_096;

/** @throws HttpError 413 for too long an owner, 400 for what is no `lockinfo`, 422 for a lock other than for writing. */
export function parseLockInfo(text: string): LockInfo {
  const root = parseXml(text);
  HttpError.assert(isDav(root, 'lockinfo'), 'A LOCK has a lockinfo element.', 400);
  const elements = elementsOf(root);
  const inner = (name: string) =>
    elements.find((each) => isDav(each, name))?.children.find((each) => typeof each === 'object');
  const scopes = (['exclusive', 'shared'] as const).filter((name) => isDav(inner('lockscope'), name));
  const [scope] = scopes;
  HttpError.assert(scope, 'A lockscope is exclusive or shared.', 400);
  HttpError.assert(inner('locktype'), 'A lockinfo has a locktype.', 400);
  HttpError.assert(isDav(inner('locktype'), 'write'), 'The only type of locks is write.', 422);
  const element = elements.find((each) => isDav(each, 'owner'));
  const owner = element === undefined ? '' : writeFragment(element);
  HttpError.assert(owner.length <= MAX_OWNER_LENGTH, 'The owner of a lock is told more shortly.', 413);
  return { scope, owner };
}

/** The value of the property `lockdiscovery`. */
export function activeLocks(locks: readonly Lock[]): string {
  return locks.map(activeLock).join('');
}

function activeLock({ scope, depth, owner, token, href, expires }: Lock): string {
  const seconds = Math.max(0, Math.ceil((expires - Date.now()) / 1000));
  return (
    '<D:activelock>' +
    `<D:locktype><D:write/></D:locktype><D:lockscope><D:${scope}/></D:lockscope><D:depth>${depth}</D:depth>${owner}` +
    `<D:timeout>Second-${seconds}</D:timeout><D:locktoken><D:href>${escapeText(token)}</D:href></D:locktoken>` +
    `<D:lockroot><D:href>${escapeText(href)}</D:href></D:lockroot></D:activelock>`
  );
}

const ENTRY = (scope: string) =>
  `<D:lockentry><D:lockscope><D:${scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>`;

/** The value of the property `supportedlock`. */
export const SUPPORTED_LOCKS = ENTRY('exclusive') + ENTRY('shared');
