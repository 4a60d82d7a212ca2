/** Names a resource by the decoded segments of its path. */

import { HttpError } from 'luminaire';

/** Where the resources are, as a path segment. */
const MOUNT_NAME = 'files';

/** Where the resources are. */
export const MOUNT = `/${MOUNT_NAME}`;

/**
 * A path below {@link MOUNT}. Names are kept as they were sent, character by character: "é" in one code point and in
 * two are two names. None is empty, `.` or `..`, none has a slash or NUL, so that joined to a folder they stay in it.
 */
export class ResourcePath {
  static readonly root = new ResourcePath([]);

  readonly segments: readonly string[];
  /** Equal for equal paths. */
  readonly key: string;

  private constructor(segments: readonly string[]) {
    this.segments = segments;
    this.key = segments.join('/');
  }

  /** @throws HttpError 400 for a name that no resource can have. */
  static of(segments: readonly string[]): ResourcePath {
    for (const name of segments) {
      if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
        throw new HttpError(`No resource can be named ${JSON.stringify(name)}.`, 400);
      }
    }
    return segments.length === 0 ? ResourcePath.root : new ResourcePath(segments);
  }

  get isRoot(): boolean {
    return this.segments.length === 0;
  }

  /** The last segment, or '' of the root. */
  get name(): string {
    return this.segments.at(-1) ?? '';
  }

  /** The collection that this is a member of; the root's is the root. */
  get parent(): ResourcePath {
    return this.isRoot ? this : new ResourcePath(this.segments.slice(0, -1));
  }

  /** @throws HttpError 400 as {@link of}. */
  child(name: string): ResourcePath {
    return ResourcePath.of([...this.segments, name]);
  }

  equals(other: ResourcePath): boolean {
    return this.key === other.key;
  }

  /** Whether `other` is below this, however deep. */
  contains(other: ResourcePath): boolean {
    return this.isRoot ? !other.isRoot : other.key.startsWith(`${this.key}/`);
  }

  /** The same place below `to` that this has below `from`. */
  rebase(from: ResourcePath, to: ResourcePath): ResourcePath {
    return ResourcePath.of([...to.segments, ...this.segments.slice(from.segments.length)]);
  }

  /** The path as it stands in a URL: that of a collection ends in a slash (RFC 4918 §5.2). */
  href(isCollection: boolean): string {
    const path = [MOUNT_NAME, ...this.segments].map(encodeURIComponent).join('/');
    return `/${path}${isCollection ? '/' : ''}`;
  }
}

/** A path as a client wrote it. */
export interface ParsedPath {
  readonly path: ResourcePath;
  /** Whether it ends in a slash, which only the path of a collection may. */
  readonly namesCollection: boolean;
}

/**
 * Parses the raw path of a URL; `undefined` outside of {@link MOUNT}. Segments are decoded one by one, so that `%2F` is
 * no separator. Slashes too many are passed over.
 *
 * @throws HttpError 400 for an escape that is no UTF-8 and for names that no resource can have.
 */
export function parsePath(raw: string): ParsedPath | undefined {
  const [mount, ...names] = raw.split('/').filter((segment) => segment !== '');
  if (mount === undefined || decode(mount) !== MOUNT_NAME) return undefined;
  return { path: ResourcePath.of(names.map(decode)), namesCollection: names.length === 0 || raw.endsWith('/') };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpError(`The path has an escape that is no UTF-8: ${segment}`, 400);
  }
}
