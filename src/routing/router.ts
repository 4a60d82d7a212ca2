/** Finds the value registered for a method with a path. */

import { isEscapedPath } from './path-escapes.js';
import { parsePattern, type Route, RouteError, type Segment } from './route.js';
import { EMPTY, type Match, SegmentTree } from './segment-tree.js';

export { EMPTY, type Match, type Params } from './segment-tree.js';

/** One call of `Router.on`. */
export interface RegisteredRoute<T> {
  readonly method: string;
  readonly pattern: string;
  readonly route: Route;
  readonly value: T;
  /** Where it came from, for error messages: `UserController.show`. */
  readonly place: string | undefined;
}

/** What `Router.find` gives for a path with a malformed escape, or one that is not UTF-8: the client's error, 400. */
export const BAD_PATH: unique symbol = Symbol('bad path');

/**
 * Maps methods with patterns to values. The most specific pattern wins, whatever the order of registration: segment by
 * segment, a literal before `:name` before `*name`. Any token is a method. Paths are compared decoded, case and
 * trailing slash are significant, and `%2F` is a character of its segment, not the end of it.
 */
export class Router<T> {
  readonly #trees = new Map<string, MethodTree<T>>();
  readonly #routes: RegisteredRoute<T>[] = [];

  /**
   * Registers `value` for requests with `method` whose path fits `pattern`. `place` says in error messages where the
   * route was written. Throws a `RouteError` for a pattern that is malformed, already taken for that method (whatever
   * the parameters are called), or other than `*` with CONNECT, whose target has no path (RFC 9110 §9.3.6).
   */
  on(method: string, pattern: string, value: T, place?: string): void {
    const route = parsePattern(pattern);
    if (method === 'CONNECT' && !route.pathless) {
      throw new RouteError(`path must be "*", since CONNECT has no path, got ${JSON.stringify(pattern)}`);
    }
    const registered = { method, pattern, route, value, place };
    const tree = this.#trees.get(method) ?? new MethodTree<T>();
    tree.add(registered);
    this.#trees.set(method, tree);
    this.#routes.push(registered);
  }

  /**
   * Finds what was registered for `method` and `path`, a raw path without its query. A path that does not start with
   * `/` is a request without one, which only the pattern `*` takes. HEAD falls back to GET (RFC 9110 §9.3.2).
   */
  find(method: string, path: string): Match<T> | typeof BAD_PATH | undefined {
    const tree = this.#trees.get(method);
    const fixed = tree?.fixed.get(path);
    if (fixed !== undefined) return fixed;
    const isEscaped = isEscapedPath(path);
    if (isEscaped === undefined) return BAD_PATH;
    const match = tree?.find(path, isEscaped);
    return match === undefined && method === 'HEAD' ? this.#trees.get('GET')?.find(path, isEscaped) : match;
  }

  /**
   * The methods that `path` answers, sorted, for Allow (RFC 9110 §10.2.1): those with a route, HEAD where GET has one,
   * and OPTIONS. Empty when there is no route at all.
   */
  allowed(path: string): string[] {
    const isEscaped = isEscapedPath(path);
    if (isEscaped === undefined) return [];
    return withImplied(
      [...this.#trees].flatMap(([method, tree]) => (tree.find(path, isEscaped) === undefined ? [] : [method])),
    );
  }

  /** The methods that any path answers, sorted, for `OPTIONS *`. */
  allMethods(): string[] {
    return withImplied([...this.#trees.keys()]);
  }

  /** Whether any route uses `method`; HEAD is used where GET is. */
  knows(method: string): boolean {
    return this.#trees.has(method) || (method === 'HEAD' && this.#trees.has('GET'));
  }

  /** Iterates over what was registered, in that order. */
  routes(): IterableIterator<RegisteredRoute<T>> {
    return this.#routes.values();
  }
}

function withImplied(methods: string[]): string[] {
  if (methods.length === 0) return methods;
  const implied = methods.includes('GET') ? ['HEAD', 'OPTIONS'] : ['OPTIONS'];
  return [...new Set([...methods, ...implied])].sort();
}

/** The routes of one method. */
class MethodTree<T> {
  /** Matches by path, for those without parameters and the one without a path. No escaped spelling is in here. */
  readonly fixed = new Map<string, Match<T>>();
  readonly #tree = new SegmentTree<T>();
  readonly #registered = new SegmentTree<RegisteredRoute<T>>();

  /** @throws RouteError where another route matches the same paths. */
  add(registered: RegisteredRoute<T>): void {
    const variants = variantsOf(registered.route);
    for (const segments of variants) {
      const earlier = this.#registered.get(segments);
      if (earlier !== undefined) throw new RouteError(describeClash(earlier, registered, segments));
    }
    for (const segments of variants) {
      this.#registered.set(segments, registered);
      this.#tree.set(segments, registered.value);
      const path = fixedPath(segments);
      if (path !== undefined) this.fixed.set(path, { value: registered.value, params: EMPTY });
    }
  }

  find(path: string, isEscaped: boolean): Match<T> | undefined {
    return path.charCodeAt(0) === SLASH ? this.#tree.find(path, isEscaped) : this.fixed.get('*');
  }
}

const SLASH = 0x2f;

/** An optional parameter makes two of a route's segments: with it, and without it and the slash in front. */
function variantsOf({ segments, optional }: Route): (readonly Segment[])[] {
  if (!optional) return [segments];
  const shorter = segments.slice(0, -1);
  return [shorter.length > 0 ? shorter : [{ kind: 'literal', text: '' }], segments];
}

/** The one path that literals match, or `*` without any; undefined where it would be escaped, or has parameters. */
function fixedPath(segments: readonly Segment[]): string | undefined {
  const isFixed = segments.every((segment) => segment.kind === 'literal' && !segment.text.includes('%'));
  return isFixed ? spell(segments) : undefined;
}

/** Writes segments as a path: parameters after `:`, a rest after `*`. */
function spell(segments: readonly Segment[]): string {
  if (segments.length === 0) return '*';
  return segments
    .map((segment) => {
      if (segment.kind === 'literal') return `/${segment.text}`;
      return (segment.kind === 'parameter' ? '/:' : '/*') + segment.name;
    })
    .join('');
}

function describeClash<T>(earlier: RegisteredRoute<T>, later: RegisteredRoute<T>, shared: readonly Segment[]): string {
  const by = earlier.place === undefined ? '' : ` by ${earlier.place}`;
  if (earlier.route.optional !== later.route.optional) {
    const path = spell(shared);
    const of = later.place === undefined ? '' : ` of ${later.place}`;
    return `${later.method} ${later.pattern}${of} also matches ${path}, which is already registered as ${earlier.pattern}${by}`;
  }
  const as = earlier.pattern === later.pattern ? '' : ` as ${earlier.pattern}`;
  const consequence = later.place === undefined ? '' : `; ${later.place} would never run`;
  return `${later.method} ${later.pattern} is already registered${as}${by}${consequence}`;
}
