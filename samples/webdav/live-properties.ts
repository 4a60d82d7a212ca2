/** Gives the properties that the server itself computes (RFC 4918 §15, RFC 4331). */

import { contentTypeOf } from './content-type.js';
import { activeLocks, SUPPORTED_LOCKS } from './lock-xml.js';
import type { Lock } from './locks.js';
import type { Resource, Space } from './store.js';
import { escapeText } from './xml-text.js';

/** What they are computed from. */
export interface Facts {
  readonly resource: Resource;
  readonly locks: readonly Lock[];
  /** Only where it was asked for. */
  readonly space: Space | undefined;
}

interface LiveProperty {
  /** The content of the element; `undefined` where such a resource has no such property. */
  readonly value: (facts: Facts) => string | undefined;
  /** Whether it is among those of `allprop`. */
  readonly isUsual: boolean;
}

const usual = (value: LiveProperty['value']): LiveProperty => ({ value, isUsual: true });
/** RFC 4331 §3: costly to compute, so only for who asks by name. */
const unusual = (value: LiveProperty['value']): LiveProperty => ({ value, isUsual: false });
const ofFiles = (value: (resource: Resource) => string) => {
  return usual(({ resource }) => (resource.isCollection ? undefined : value(resource)));
};

/** By name; the namespace of all is `DAV:`. */
export const LIVE_PROPERTIES: ReadonlyMap<string, LiveProperty> = new Map([
  ['creationdate', usual(({ resource }) => resource.created.toISOString().replace(/\.\d+Z$/, 'Z'))],
  ['displayname', usual(({ resource }) => escapeText(resource.path.name))],
  ['getcontentlength', ofFiles(({ size }) => String(size))],
  ['getcontenttype', ofFiles(({ path }) => contentTypeOf(path.name))],
  ['getetag', ofFiles(({ etag }) => escapeText(etag))],
  ['getlastmodified', usual(({ resource }) => resource.modified.toUTCString())],
  ['lockdiscovery', usual(({ locks }) => activeLocks(locks))],
  ['resourcetype', usual(({ resource }) => (resource.isCollection ? '<D:collection/>' : ''))],
  ['supportedlock', usual(() => SUPPORTED_LOCKS)],
  ['quota-available-bytes', unusual(({ resource, space }) => quota(resource, space?.available))],
  ['quota-used-bytes', unusual(({ resource, space }) => quota(resource, space?.used))],
]);

/** Whether a name is one of those that need {@link Facts.space}. */
export function needsSpace(name: string): boolean {
  return name.startsWith('quota-');
}

function quota(resource: Resource, bytes: number | undefined): string | undefined {
  return resource.isCollection && bytes !== undefined ? String(bytes) : undefined;
}
