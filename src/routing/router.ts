/** Finds the value registered for a method with a path. */

import FindMyWay from 'find-my-way';
import { escapeKey, keyOf, unescapeKey } from './path-key.js';
import { parsePattern, type Route, RouteError, type Segment } from './route.js';

/** Parameter values by name, decoded. The object inherits nothing, so any name is safe to read. */
export type Params = Readonly<Record<string, string>>;

/** What was registered for a request. */
export interface Match<T> {
  readonly value: T;
  /** A key for each parameter of the pattern; none for an optional one that is missing. */
  readonly params: Params;
}

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

/** Makes objects that inherit no member, yet stay in V8's fast mode, which `Object.create(null)` leaves. */
function NullObject() {}
NullObject.prototype = Object.freeze(Object.create(null));
const ParamsObject = NullObject as unknown as new () => Record<string, string>;

/** The `params` of every match without parameters. */
export const EMPTY: Params = Object.freeze(new ParamsObject());

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
    const key = keyOf(path);
    if (key === undefined) return BAD_PATH;
    const match = tree?.find(key);
    return match === undefined && method === 'HEAD' ? this.#trees.get('GET')?.find(key) : match;
  }

  /**
   * The methods that `path` answers, sorted, for Allow (RFC 9110 §10.2.1): those with a route, HEAD where GET has one,
   * and OPTIONS. Empty when there is no route at all.
   */
  allowed(path: string): string[] {
    const key = keyOf(path);
    if (key === undefined) return [];
    return withImplied([...this.#trees.keys()].filter((method) => this.#trees.get(method)!.find(key) !== undefined));
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

/** One fixed number of segments: an optional parameter makes two variants of its route. */
interface Variant<T> {
  readonly registered: RegisteredRoute<T>;
  readonly segments: readonly Segment[];
  /** The names of its parameters, without the rest. */
  readonly names: readonly string[];
  readonly rest: string | undefined;
  /** The kinds of the segments: of two variants that match one path, the lesser string is the more specific. */
  readonly rank: string;
}

/** The method that every tree is registered under inside find-my-way, which knows only the methods of node:http. */
const ANY = 'GET';
const noHandler = () => {};

/** The routes of one method. */
class MethodTree<T> {
  /** Matches by path, for those without parameters. Escaped spellings are in the tree, so a raw path never meets one. */
  readonly fixed = new Map<string, Match<T>>();
  readonly #tree = FindMyWay({
    maxParamLength: Number.POSITIVE_INFINITY,
    querystringParser: () => undefined,
  });
  /** All variants, once `#isRanked` the most specific first. */
  readonly #ranked: Variant<T>[] = [];
  #isRanked = false;
  readonly #byShape = new Map<string, RegisteredRoute<T>>();

  add(registered: RegisteredRoute<T>): void {
    const variants = variantsOf(registered);
    for (const { segments } of variants) {
      const earlier = this.#byShape.get(shapeOf(segments));
      if (earlier !== undefined) throw new RouteError(describeClash(earlier, registered, segments));
    }
    for (const variant of variants) {
      this.#byShape.set(shapeOf(variant.segments), registered);
      this.#insert(variant);
    }
  }

  #insert(variant: Variant<T>): void {
    const { registered, segments } = variant;
    if (registered.route.pathless) {
      this.fixed.set('*', { value: registered.value, params: EMPTY });
      return;
    }
    const key = treePattern(segments);
    if (segments.every(({ kind }) => kind === 'literal') && !key.includes('\0')) {
      this.fixed.set(key, { value: registered.value, params: EMPTY });
    } else {
      this.#tree.on(ANY, key, noHandler, variant);
    }
    this.#ranked.push(variant);
    this.#isRanked = false;
  }

  find(key: string): Match<T> | undefined {
    if (key.charCodeAt(0) !== 47) return this.fixed.get('*');
    const fixed = this.fixed.get(key);
    if (fixed !== undefined) return fixed;
    const found = this.#tree.find(ANY, key);
    if (found === null) return undefined;
    const { registered, names, rest } = found.store as Variant<T>;
    const params = found.params as Record<string, string>;
    for (let i = 0; i < names.length; i++) {
      // find-my-way lets a parameter be empty, which hides the less specific route that does match.
      if (params[names[i]] === '') return this.#findRanked(key);
    }
    const exact = rest === undefined && !key.includes('\0') ? params : readParams(params, names, rest);
    return { value: registered.value, params: exact };
  }

  /** Finds the same by trying one variant after the other. Only for paths with an empty segment where a value may be. */
  #findRanked(key: string): Match<T> | undefined {
    if (!this.#isRanked) this.#ranked.sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));
    this.#isRanked = true;
    const texts = key.slice(1).split('/');
    for (const variant of this.#ranked) {
      const params = matchSegments(variant.segments, texts);
      if (params !== undefined) return { value: variant.registered.value, params };
    }
    return undefined;
  }
}

function readParams(found: Params, names: readonly string[], rest: string | undefined): Params {
  const params = new ParamsObject();
  for (const name of names) params[name] = unescapeKey(found[name]);
  if (rest !== undefined) params[rest] = unescapeKey(found['*']);
  return params;
}

function matchSegments(segments: readonly Segment[], texts: readonly string[]): Params | undefined {
  const params = new ParamsObject();
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i];
    if (i >= texts.length) return undefined;
    if (segment.kind === 'rest') {
      params[segment.name] = unescapeKey(texts.slice(i).join('/'));
      return params;
    }
    const text = unescapeKey(texts[i]);
    if (segment.kind === 'literal' ? text !== segment.text : text === '') return undefined;
    if (segment.kind === 'parameter') params[segment.name] = text;
  }
  return segments.length === texts.length ? params : undefined;
}

function variantsOf<T>(registered: RegisteredRoute<T>): Variant<T>[] {
  const { segments, optional } = registered.route;
  const full = variantOf(registered, segments);
  if (!optional) return [full];
  const shorter = segments.slice(0, -1);
  return [variantOf(registered, shorter.length > 0 ? shorter : [{ kind: 'literal', text: '' }]), full];
}

function variantOf<T>(registered: RegisteredRoute<T>, segments: readonly Segment[]): Variant<T> {
  const last = segments[segments.length - 1];
  return {
    registered,
    segments,
    names: segments.flatMap((segment) => (segment.kind === 'parameter' ? [segment.name] : [])),
    rest: last?.kind === 'rest' ? last.name : undefined,
    rank: segments.map(({ kind }) => (kind === 'literal' ? '0' : kind === 'parameter' ? '1' : '2')).join(''),
  };
}

/** The pattern as find-my-way reads it: its rest has no name, and no literal holds `:` or `*`. */
function treePattern(segments: readonly Segment[]): string {
  const last = segments[segments.length - 1];
  const named = spell(segments, escapeKey, true);
  return last.kind === 'rest' ? named.slice(0, -last.name.length) : named;
}

/** Writes segments as a path: literals through `literal`, parameters after `:`, a rest after `*`. */
function spell(segments: readonly Segment[], literal: (text: string) => string, named: boolean): string {
  if (segments.length === 0) return '*';
  return segments
    .map((segment) => {
      if (segment.kind === 'literal') return `/${literal(segment.text)}`;
      return (segment.kind === 'parameter' ? '/:' : '/*') + (named ? segment.name : '');
    })
    .join('');
}

/** The pattern without the names of its parameters: equal for patterns that match the same paths. */
function shapeOf(segments: readonly Segment[]): string {
  return spell(segments, escapeKey, false);
}

function describeClash<T>(earlier: RegisteredRoute<T>, later: RegisteredRoute<T>, shared: readonly Segment[]): string {
  const by = earlier.place === undefined ? '' : ` by ${earlier.place}`;
  if (earlier.route.optional !== later.route.optional) {
    const path = spell(shared, (text) => text, true);
    const of = later.place === undefined ? '' : ` of ${later.place}`;
    return `${later.method} ${later.pattern}${of} also matches ${path}, which is already registered as ${earlier.pattern}${by}`;
  }
  const as = earlier.pattern === later.pattern ? '' : ` as ${earlier.pattern}`;
  const consequence = later.place === undefined ? '' : `; ${later.place} would never run`;
  return `${later.method} ${later.pattern} is already registered${as}${by}${consequence}`;
}
