/** Names the schemas of a document, so that each stands in it once. */

import type { JsonSchema } from './open-api-document.js';

/** Whether a schema is of what is sent to the server, or of what it sends. */
export type Direction = 'input' | 'output';

/** Where a schema was met. */
export interface Met {
  readonly direction: Direction;
  /** What it is called where nothing names it. */
  readonly fallback: string;
}

/** One schema that may be shared. */
interface Entry {
  readonly token: string;
  /** What it says of itself, else `undefined`. */
  readonly stated: string | undefined;
  readonly met: Met;
  readonly directions: Set<Direction>;
  /** How many places of the document refer to it. */
  uses: number;
  /** Its own schemas replaced by tokens. */
  schema: JsonSchema | undefined;
  name: string | undefined;
}

type Definitions = Readonly<Record<string, JsonSchema>>;

const TOKEN = 'luminaire:schema:';
const COMPONENTS = '#/components/schemas/';
/** Keywords that say where a schema is from, which is of no use inside a document. */
const IDENTITY: ReadonlySet<string> = new Set(['$schema', '$defs', '$id', 'id']);
/** Keywords whose values are schemas by name. */
const BY_NAME: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas']);
/** Keywords whose values are no schemas, whatever they look like. */
const VALUES: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'example', 'examples']);
/** Names that a library made up. */
const MADE_UP = /^__/;

/** The schemas of one document. */
export class Components {
  readonly #entries = new Map<string, Entry>();
  readonly #byToken = new Map<string, Entry>();
  readonly #taken = new Map<string, JsonSchema>();

  /** Holds a component whose name is settled. */
  hold(name: string, schema: JsonSchema): JsonSchema {
    this.#taken.set(name, schema);
    return { $ref: COMPONENTS + name };
  }

  /**
   * Takes in a schema with the definitions that it brought. Gives what stands for it until {@link resolve}: whatever has
   * a name, or turns out to be there twice, becomes a component.
   */
  add(schema: JsonSchema, name: string | undefined, met: Met): JsonSchema {
    const defs = (schema.$defs ?? {}) as Definitions;
    return new Reading(this, defs, schema, met).read(schema, name);
  }

  /** Gives the entry of what `key` says in full. */
  enter(key: string, stated: string | undefined, met: Met): Entry {
    const entry = this.#entries.get(key) ?? {
      token: `${TOKEN}${this.#entries.size}`,
      stated,
      met,
      directions: new Set(),
      uses: 0,
      schema: undefined,
      name: undefined,
    };
    entry.directions.add(met.direction);
    this.#entries.set(key, entry);
    this.#byToken.set(entry.token, entry);
    return entry;
  }

  /** Writes `tree` with every schema by its name, or in its place. */
  resolve<Tree>(tree: Tree): Tree {
    this.#count(tree);
    this.#nameAll();
    return this.#write(tree) as Tree;
  }

  /** The components, by name, sorted. After {@link resolve}. */
  schemas(): Record<string, JsonSchema> {
    const named = [...this.#entries.values()].flatMap(({ name, schema }) =>
      name === undefined ? [] : [[name, this.#write(schema) as JsonSchema] as const],
    );
    return Object.fromEntries([...this.#taken, ...named].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #count(tree: unknown): void {
    if (typeof tree !== 'object' || tree === null) return;
    const { $ref } = tree as { $ref?: unknown };
    const entry = typeof $ref === 'string' ? this.#byToken.get($ref) : undefined;
    if (entry !== undefined && entry.uses++ === 0) this.#count(entry.schema);
    for (const each of Object.values(tree)) this.#count(each);
  }

  #nameAll(): void {
    // What contains itself is referred to from inside too.
    const shared = [...this.#entries.values()].filter(
      ({ stated, uses }) => uses > 1 || (uses > 0 && stated !== undefined),
    );
    const used = new Set(this.#taken.keys());
    // What the server sends has the name; what is sent to it has it too where nothing else does.
    const isForInput = ({ directions }: Entry) => !directions.has('output');
    for (const entry of [...shared].sort((a, b) => Number(isForInput(a)) - Number(isForInput(b)))) {
      const name = entry.stated ?? entry.met.fallback;
      entry.name = uniqueName(used, used.has(name) && isForInput(entry) ? `${name}Input` : name);
    }
  }

  #write(tree: unknown): unknown {
    if (Array.isArray(tree)) return tree.map((each) => this.#write(each));
    if (typeof tree !== 'object' || tree === null) return tree;
    const { $ref, ...beside } = tree as { $ref?: unknown };
    const entry = typeof $ref === 'string' ? this.#byToken.get($ref) : undefined;
    if (entry === undefined) return Object.fromEntries(Object.entries(tree).map(([key, of]) => [key, this.#write(of)]));
    if (entry.name !== undefined) return { $ref: COMPONENTS + entry.name, ...(this.#write(beside) as object) };
    return { ...(this.#write(entry.schema) as object), ...(this.#write(beside) as object) };
  }
}

/** One schema that is taken in, with its definitions. */
class Reading {
  readonly #components: Components;
  readonly #defs: Definitions;
  readonly #root: JsonSchema;
  readonly #met: Met;
  readonly #open = new Map<JsonSchema, Entry>();

  constructor(components: Components, defs: Definitions, root: JsonSchema, met: Met) {
    this.#components = components;
    this.#defs = defs;
    this.#root = root;
    this.#met = met;
  }

  /** `isTarget` where a reference leads to it: it may contain itself. */
  read(schema: JsonSchema, named: string | undefined, isTarget = false): JsonSchema {
    const { $ref } = schema;
    if (typeof $ref === 'string') {
      const target = this.#targetOf($ref);
      if (target === undefined) return schema;
      const beside = Object.entries(schema).filter(([keyword]) => keyword !== '$ref' && !IDENTITY.has(keyword));
      const token = this.read(target, named ?? nameIn($ref), true);
      return { ...token, ...(this.#readKeywords(Object.fromEntries(beside)) as object) };
    }
    const open = this.#open.get(schema);
    if (open !== undefined) return { $ref: open.token };
    const stated = componentName(named ?? statedName(schema));
    if (stated === undefined && !isTarget && !isStructure(schema)) return this.#readKeywords(schema);
    const entry = this.#components.enter(`${stated ?? ''} ${this.#inFull(schema, [])}`, stated, this.#met);
    this.#open.set(schema, entry);
    // What is inside of what is there twice is there once.
    entry.schema ??= this.#readKeywords(schema);
    this.#open.delete(schema);
    return { $ref: entry.token };
  }

  #readKeywords(schema: JsonSchema): JsonSchema {
    const entries = Object.entries(schema).filter(([keyword]) => !IDENTITY.has(keyword));
    return Object.fromEntries(entries.map(([keyword, value]) => [keyword, this.#readKeyword(keyword, value)]));
  }

  #readKeyword(keyword: string, value: unknown): unknown {
    if (VALUES.has(keyword) || typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((each) => (isObject(each) ? this.read(each, undefined) : each));
    if (!BY_NAME.has(keyword)) return this.read(value as JsonSchema, undefined);
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, isObject(each) ? this.read(each, undefined) : each]),
    );
  }

  #targetOf($ref: string): JsonSchema | undefined {
    return $ref === '#' ? this.#root : this.#defs[/^#\/\$defs\/(.+)$/.exec($ref)?.[1] ?? ''];
  }

  /** Writes all that a schema says, whatever its definitions are called. Where it contains itself: how far up. */
  #inFull(schema: unknown, above: readonly unknown[]): string {
    if (Array.isArray(schema)) return `[${schema.map((each) => this.#inFull(each, above)).join()}]`;
    if (!isObject(schema)) return JSON.stringify(schema) ?? 'null';
    const up = above.indexOf(schema);
    if (up >= 0) return `^${above.length - up}`;
    const target = typeof schema.$ref === 'string' ? this.#targetOf(schema.$ref) : undefined;
    const said = Object.keys(schema)
      .filter((keyword) => !IDENTITY.has(keyword) && (target === undefined || keyword !== '$ref'))
      .sort()
      .map((keyword) => `${JSON.stringify(keyword)}:${this.#inFull(schema[keyword], [...above, schema])}`);
    return `${target === undefined ? '' : this.#inFull(target, [...above, schema])}{${said.join()}}`;
  }
}

/** Gives a name that is not in `used`, and puts it there: `name`, `name_2` ... */
export function uniqueName(used: Set<string>, name: string): string {
  let unique = name;
  for (let i = 2; used.has(unique); i++) unique = `${name}_${i}`;
  used.add(unique);
  return unique;
}

/** What a component may be called (OpenAPI 3.1.1 §4.8.7). */
export function componentName(name: string | undefined): string | undefined {
  const words = name?.split(/[^A-Za-z0-9._-]+/).filter((word) => word !== '') ?? [];
  const [first, ...rest] = words;
  if (first === undefined || MADE_UP.test(first)) return undefined;
  return first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function nameIn($ref: string): string | undefined {
  return /^#\/\$defs\/(.+)$/.exec($ref)?.[1];
}

/** A title names what has a structure; of anything less it is the label of a field. */
function statedName({ id, title, ...schema }: JsonSchema): string | undefined {
  if (typeof id === 'string') return id;
  return typeof title === 'string' && isStructure(schema) ? title : undefined;
}

/** What is worth sharing: an object with properties. */
function isStructure({ properties }: JsonSchema): boolean {
  return isObject(properties) && Object.keys(properties).length > 0;
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
