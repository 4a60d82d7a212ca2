/** Finds the most specific of many patterns that a path fits, a segment at a time. */

import type { Segment } from './route.js';

/** Parameter values by name, decoded. The object inherits nothing, so any name is safe to read. */
export type Params = Readonly<Record<string, string>>;

/** What was found, and the values of its parameters. */
export interface Match<T> {
  readonly value: T;
  /** A key for each parameter of the pattern; none for an optional one that is missing. */
  readonly params: Params;
}

/** Makes objects that inherit no member, yet stay in V8's fast mode, which `Object.create(null)` leaves. */
function NullObject() {}
NullObject.prototype = Object.freeze(Object.create(null));
const ParamsObject = NullObject as unknown as new () => Record<string, string>;

/** The `params` of every match without parameters. */
export const EMPTY: Params = Object.freeze(new ParamsObject());

/** Where a pattern ends: its value, and the names of its parameters in order. */
interface Leaf<T> {
  readonly value: T;
  readonly names: readonly string[];
}

/** What may stand at one place of a path, given the segments before it. */
class Node<T> {
  /** By their text, decoded. */
  readonly literals = new Map<string, Node<T>>();
  /** Any one segment that is not empty. */
  parameter: Node<T> | undefined = undefined;
  /** All segments that are left, at least one. */
  rest: Leaf<T> | undefined = undefined;
  /** Ends here. */
  leaf: Leaf<T> | undefined = undefined;
}

/**
 * A tree with a level for each segment. A path visits no node twice, so looking it up takes no longer than the tree is
 * large, whatever the path.
 */
export class SegmentTree<T> {
  readonly #root = new Node<T>();
  /** The parameters of the look-up in progress, as deep as it has come. */
  readonly #values: string[] = [];

  /** The value of the pattern that fits the same paths as `segments`, whatever its parameters are called. */
  get(segments: readonly Segment[]): T | undefined {
    let node: Node<T> | undefined = this.#root;
    for (const segment of segments) {
      if (segment.kind === 'rest') return node?.rest?.value;
      node = segment.kind === 'literal' ? node?.literals.get(segment.text) : node?.parameter;
    }
    return node?.leaf?.value;
  }

  set(segments: readonly Segment[], value: T): void {
    const names = segments.flatMap((segment) => (segment.kind === 'literal' ? [] : [segment.name]));
    let node = this.#root;
    for (const segment of segments) {
      if (segment.kind === 'rest') {
        node.rest = { value, names };
        return;
      }
      node = segment.kind === 'literal' ? literalOf(node, segment.text) : parameterOf(node);
    }
    node.leaf = { value, names };
  }

  /**
   * Finds by a raw path that starts with `/`: at each segment a literal before a parameter before a rest. A path that
   * `isEscaped` is decoded, a segment at a time: an encoded slash is a character of its segment.
   */
  find(path: string, isEscaped: boolean): Match<T> | undefined {
    const leaf = this.#descend(this.#root, path, 1, isEscaped, 0);
    if (leaf === undefined) return undefined;
    const { value, names } = leaf;
    if (names.length === 0) return { value, params: EMPTY };
    const params = new ParamsObject();
    for (let i = 0; i < names.length; i++) params[names[i]] = this.#values[i];
    return { value, params };
  }

  #descend(node: Node<T>, path: string, start: number, isEscaped: boolean, found: number): Leaf<T> | undefined {
    const slash = path.indexOf('/', start);
    const end = slash === -1 ? path.length : slash;
    const text = textOf(path, start, end, isEscaped);
    const literal = node.literals.get(text);
    if (literal !== undefined) {
      const leaf = slash === -1 ? literal.leaf : this.#descend(literal, path, slash + 1, isEscaped, found);
      if (leaf !== undefined) return leaf;
    }
    const { parameter } = node;
    if (parameter !== undefined && start !== end) {
      const leaf = slash === -1 ? parameter.leaf : this.#descend(parameter, path, slash + 1, isEscaped, found + 1);
      if (leaf !== undefined) {
        this.#values[found] = text;
        return leaf;
      }
    }
    if (node.rest !== undefined) this.#values[found] = textOf(path, start, path.length, isEscaped);
    return node.rest;
  }
}

function textOf(path: string, start: number, end: number, isEscaped: boolean): string {
  const text = path.slice(start, end);
  return isEscaped ? decodeURIComponent(text) : text;
}

function literalOf<T>(node: Node<T>, text: string): Node<T> {
  let next = node.literals.get(text);
  if (next === undefined) {
    next = new Node<T>();
    node.literals.set(text, next);
  }
  return next;
}

function parameterOf<T>(node: Node<T>): Node<T> {
  node.parameter ??= new Node<T>();
  return node.parameter;
}
