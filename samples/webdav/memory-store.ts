import { HttpError } from 'luminaire';
import type { DeadProperty } from './dead-property.js';
import type { ResourcePath } from './path.js';
import { type OpenContent, type Resource, type Space, type Staged, Store } from './store.js';

interface Node {
  readonly isCollection: boolean;
  readonly content: readonly Uint8Array[];
  readonly size: number;
  readonly etag: string;
  readonly created: Date;
  modified: Date;
  properties: readonly DeadProperty[];
  readonly members: Map<string, Node>;
}

class StagedNode implements Staged {
  constructor(
    readonly node: Node,
    readonly keepsProperties: boolean,
  ) {}
}

/** Most bytes of content and dead properties, staged ones included. */
const DEFAULT_MAX_BYTES = 268_435_456;

/** Keeps resources in memory, for as long as the process lives. */
export class MemoryStore extends Store {
  readonly description = 'memory, and gone when the server stops';
  readonly #maxBytes: number;
  readonly #root = newNode(true);
  readonly #placed = new WeakSet<Staged>();
  #bytes = 0;

  constructor(maxBytes = DEFAULT_MAX_BYTES) {
    super();
    this.#maxBytes = maxBytes;
  }

  async find(path: ResourcePath): Promise<Resource | undefined> {
    const node = this.#nodeAt(path);
    return node === undefined ? undefined : resourceOf(node, path);
  }

  async *members(path: ResourcePath): AsyncGenerator<Resource> {
    const members = [...(this.#nodeAt(path)?.members ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, node] of members) yield resourceOf(node, path.child(name));
  }

  async open(path: ResourcePath): Promise<OpenContent | undefined> {
    const node = this.#nodeAt(path);
    if (node === undefined || node.isCollection) return undefined;
    return {
      resource: resourceOf(node, path),
      stream: (start, end) => slice(node.content, start, end),
      close: async () => {},
    };
  }

  async stageContent(content: AsyncIterable<Uint8Array>): Promise<Staged> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const piece of content) {
        size += piece.length;
        this.#claim(piece.length);
        // A copy: the piece is a view of what the socket read, maybe much larger.
        pieces.push(Uint8Array.from(piece));
      }
    } catch (error) {
      this.#bytes -= pieces.reduce((sum, piece) => sum + piece.length, 0);
      throw error;
    }
    return new StagedNode(newNode(false, pieces, size), true);
  }

  async stageCopy(path: ResourcePath, isDeep: boolean): Promise<{ staged: Staged; failures: [] }> {
    const original = this.#nodeAt(path);
    HttpError.assert(original, 'It is gone.', 404);
    this.#claim(isDeep ? bytesOf(original) : ownBytesOf(original));
    return { staged: new StagedNode(copyOf(original, isDeep), false), failures: [] };
  }

  async place(staged: Staged, path: ResourcePath): Promise<void> {
    const { node, keepsProperties } = staged as StagedNode;
    const replaced = this.#detach(path);
    if (replaced !== undefined) {
      this.#bytes -= bytesOf(replaced);
      if (keepsProperties) {
        node.properties = replaced.properties;
        this.#bytes += lengthOf(replaced.properties);
      }
    }
    this.#attach(path, keepsProperties && replaced !== undefined ? { ...node, created: replaced.created } : node);
    this.#placed.add(staged);
  }

  async discard(staged: Staged): Promise<void> {
    if (!this.#placed.has(staged)) this.#bytes -= bytesOf((staged as StagedNode).node);
    this.#placed.add(staged);
  }

  async makeCollection(path: ResourcePath): Promise<void> {
    this.#attach(path, newNode(true));
  }

  async move(path: ResourcePath, to: ResourcePath): Promise<void> {
    const replaced = this.#detach(to);
    if (replaced !== undefined) this.#bytes -= bytesOf(replaced);
    this.#attach(to, this.#detach(path) as Node);
  }

  async remove(path: ResourcePath): Promise<void> {
    const removed = this.#detach(path);
    if (removed !== undefined) this.#bytes -= ownBytesOf(removed);
  }

  async deadProperties(path: ResourcePath): Promise<readonly DeadProperty[]> {
    return this.#nodeAt(path)?.properties ?? [];
  }

  async setDeadProperties(path: ResourcePath, properties: readonly DeadProperty[]): Promise<void> {
    const node = this.#nodeAt(path);
    HttpError.assert(node, 'It is gone.', 404);
    this.#claim(lengthOf(properties) - lengthOf(node.properties));
    node.properties = properties;
  }

  async space(): Promise<Space> {
    return { available: this.#maxBytes - this.#bytes, used: this.#bytes };
  }

  #claim(bytes: number): void {
    HttpError.assert(this.#bytes + bytes <= this.#maxBytes, `The ${this.#maxBytes} bytes of memory are full.`, 507);
    this.#bytes += bytes;
  }

  #nodeAt(path: ResourcePath): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path.segments) node = node?.members.get(name);
    return node;
  }

  #attach(path: ResourcePath, node: Node): void {
    const parent = this.#nodeAt(path.parent);
    HttpError.assert(parent?.isCollection, 'Its collection is gone.', 409);
    parent.members.set(path.name, node);
    parent.modified = new Date();
  }

  #detach(path: ResourcePath): Node | undefined {
    const parent = this.#nodeAt(path.parent);
    const node = parent?.members.get(path.name);
    if (parent === undefined || node === undefined) return undefined;
    parent.members.delete(path.name);
    parent.modified = new Date();
    return node;
  }
}

let made = 0;

function newNode(isCollection: boolean, content: readonly Uint8Array[] = [], size = 0): Node {
  const now = new Date();
  const etag = `"${now.getTime().toString(36)}-${(++made).toString(36)}"`;
  return { isCollection, content, size, etag, created: now, modified: now, properties: [], members: new Map() };
}

function copyOf(node: Node, isDeep: boolean): Node {
  const copy = newNode(node.isCollection, node.content, node.size);
  copy.properties = node.properties;
  if (isDeep) for (const [name, member] of node.members) copy.members.set(name, copyOf(member, true));
  return copy;
}

function lengthOf(properties: readonly DeadProperty[]): number {
  return properties.reduce((sum, { xml }) => sum + xml.length, 0);
}

function ownBytesOf({ size, properties }: Node): number {
  return size + lengthOf(properties);
}

function bytesOf(node: Node): number {
  let bytes = ownBytesOf(node);
  for (const member of node.members.values()) bytes += bytesOf(member);
  return bytes;
}

function resourceOf({ isCollection, size, etag, created, modified }: Node, path: ResourcePath): Resource {
  return { path, isCollection, size, etag, created, modified };
}

async function* slice(pieces: readonly Uint8Array[], start: number, end: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const piece of pieces) {
    if (at > end) return;
    if (at + piece.length > start) yield piece.subarray(Math.max(0, start - at), end + 1 - at);
    at += piece.length;
  }
}
