/** Writes route patterns as OpenAPI paths. */

import type { RouteDescription } from '../bootstrap/route-table.js';

type Segments = RouteDescription['path']['segments'];

/** One OpenAPI path of a route. */
export interface TemplatedPath {
  /** `/todos/{id}`. */
  readonly template: string;
  /** What its parameters are called in the template, by what the pattern calls them. */
  readonly names: ReadonlyMap<string, string>;
  /** The parameter that takes what is left, by its name in the pattern. */
  readonly rest: string | undefined;
}

/**
 * The paths of one document. Two routes that differ only in what they call their parameters are one path (OpenAPI 3.1.1
 * §4.8.8.1), whose parameters are called as the first of them says.
 */
export class PathTemplates {
  readonly #names = new Map<string, readonly string[]>();

  /** Gives the paths of a route: two where its last parameter may be missing, none for `*`. */
  of({ path }: RouteDescription): TemplatedPath[] {
    const { segments, optional, pathless } = path;
    if (pathless) return [];
    return optional ? [this.#write(segments), this.#write(segments.slice(0, -1))] : [this.#write(segments)];
  }

  #write(segments: Segments): TemplatedPath {
    const own = segments.flatMap((segment) => (segment.kind === 'literal' ? [] : [segment.name]));
    const shape = segments.map((segment) => (segment.kind === 'literal' ? `/${writeLiteral(segment.text)}` : '/{}'));
    const key = shape.join('');
    const shared = this.#names.get(key) ?? own;
    this.#names.set(key, shared);
    let index = 0;
    const template = shape.map((part) => (part === '/{}' ? `/{${shared[index++]}}` : part)).join('') || '/';
    const rest = segments.find(({ kind }) => kind === 'rest');
    return {
      template,
      names: new Map(own.map((name, i) => [name, shared[i] as string])),
      rest: rest?.kind === 'rest' ? rest.name : undefined,
    };
  }
}

/** Writes text as a segment of a path (RFC 3986 §3.3), braces escaped: they would be a parameter. */
function writeLiteral(text: string): string {
  return encodeURI(text).replaceAll('#', '%23');
}
