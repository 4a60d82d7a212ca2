/** Parses one route pattern. */

/**
 * One part of a pattern between two slashes. A literal is held decoded; a parameter takes one whole segment of at
 * least one character; a rest takes everything that is left, slashes included, and may be empty.
 */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'rest'; readonly name: string };

/** A pattern that has been checked. */
export interface Route {
  /** As it was written. */
  readonly pattern: string;
  /** In order; `/` is one empty literal, and `*` has none. */
  readonly segments: readonly Segment[];
  /** The names of all parameters and of the rest, in order. */
  readonly params: readonly string[];
  /** Whether the last parameter, and the slash in front of it, may be missing: `/users/:id?` takes `/users` too. */
  readonly optional: boolean;
  /** Whether this is `*`, for requests without a path: asterisk-form and authority-form (RFC 9112 §3.2.3, §3.2.4). */
  readonly pathless: boolean;
}

/**
 * A pattern or a set of patterns that cannot be routed. What is wrong with a path reads on after the name of a
 * decorator: `path must start with "/", got "users"`.
 */
export class RouteError extends Error {
  override readonly name = 'RouteError';
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const ESCAPE = /%[0-9a-f]{2}/i;

/**
 * Parses `pattern`: `/`-separated segments, each a literal or `:name`, of which the last may be `:name?` or `*name`;
 * or `*` alone. Literals are compared decoded and case-sensitively, and a trailing slash is significant.
 * Throws a `RouteError` for anything else.
 */
export function parsePattern(pattern: string): Route {
  if (pattern === '*') return { pattern, segments: [], params: [], optional: false, pathless: true };
  if (!pattern.startsWith('/')) throw new RouteError(`path must start with "/", got ${quote(pattern)}`);

  const parts = pattern.slice(1).split('/');
  const optional = isOptional(parts[parts.length - 1]);
  const segments = parts.map((part, i) => parseSegment(part, pattern, i === parts.length - 1));
  const params = segments.flatMap((segment) => (segment.kind === 'literal' ? [] : [segment.name]));
  const repeated = params.find((name, i) => params.indexOf(name) !== i);
  if (repeated !== undefined) throw new RouteError(`path has two parameters named "${repeated}": ${quote(pattern)}`);
  return { pattern, segments, params, optional, pathless: false };
}

/**
 * Joins a controller's `prefix` with a method's own `path`. Either may be empty or `/`, which both add nothing:
 * `/users` with `/` is `/users`. One slash at the end of the prefix is dropped. `*` takes no prefix.
 */
export function joinPaths(prefix: string, path: string): string {
  if (path === '*') return path;
  for (const part of [prefix, path]) {
    if (part !== '' && !part.startsWith('/')) throw new RouteError(`path must start with "/", got ${quote(part)}`);
  }
  const start = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  return start + (path === '/' ? '' : path) || '/';
}

function isOptional(part: string): boolean {
  return part.startsWith(':') && part.endsWith('?');
}

function parseSegment(part: string, pattern: string, isLast: boolean): Segment {
  if (part.startsWith(':')) {
    const optional = isOptional(part);
    if (optional && !isLast) throw new RouteError(`path may be optional only at its end, got ${quote(pattern)}`);
    return { kind: 'parameter', name: parseName(part.slice(1, optional ? -1 : undefined), part, pattern) };
  }
  if (part.startsWith('*')) {
    if (!isLast) throw new RouteError(`path may have a "*name" only at its end, got ${quote(pattern)}`);
    return { kind: 'rest', name: parseName(part.slice(1), part, pattern) };
  }
  // A trailing slash is a last, empty segment; anywhere else it is a slash too many.
  if (part === '' && !isLast) throw new RouteError(`path has an empty segment: ${quote(pattern)}`);
  return { kind: 'literal', text: parseLiteral(part, pattern) };
}

function parseName(name: string, part: string, pattern: string): string {
  if (IDENTIFIER.test(name)) return name;
  throw new RouteError(`path parameter "${part}" must be named by a JavaScript identifier, got ${quote(pattern)}`);
}

function parseLiteral(text: string, pattern: string): string {
  const reserved = /[:*?]/.exec(text);
  if (reserved !== null) {
    throw new RouteError(
      `path segment "${text}" must be all literal or all parameter: "${reserved[0]}" cannot stand inside, got ${quote(pattern)}`,
    );
  }
  if (/\p{Surrogate}/u.test(text)) throw new RouteError(`path must be valid Unicode, got ${quote(pattern)}`);
  if (ESCAPE.test(text))
    throw new RouteError(`path is matched decoded: ${decodedSpelling(text)}, got ${quote(pattern)}`);
  return text;
}

/** What to write in place of a literal with percent-escapes in it. */
function decodedSpelling(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    return `"${text}" is not UTF-8`;
  }
  return /[/:*?]/.test(decoded) ? `only a parameter can match "${text}"` : `write "${decoded}" for "${text}"`;
}

function quote(pattern: string): string {
  return JSON.stringify(pattern);
}
