/** Declares what the WebDAV layer asks of the place where resources are kept. */

import type { DeadProperty } from './dead-property.js';
import type { ResourcePath } from './path.js';

/** A resource as it was found. */
export interface Resource {
  readonly path: ResourcePath;
  readonly isCollection: boolean;
  /** Bytes of content; 0 of a collection. */
  readonly size: number;
  /** Strong; another whenever the content is another. Of a collection it says nothing and is not sent. */
  readonly etag: string;
  readonly created: Date;
  readonly modified: Date;
}

/** Content that is being read. One of both is to be called, once. */
export interface OpenContent {
  readonly resource: Resource;
  /** The bytes from `start` to `end`, both included. */
  stream(start: number, end: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** What will be a resource once it is placed, and is nowhere to be seen before. */
export interface Staged {
  /** Whether what it replaces keeps its dead properties: new content does, a copy brings its own. */
  readonly keepsProperties: boolean;
}

/** What could not be done to one of several resources. */
export interface Failure {
  readonly path: ResourcePath;
  readonly status: number;
}

/** Bytes that are left and used, where the store knows. */
export interface Space {
  readonly available: number;
  readonly used: number;
}

/**
 * A tree of collections and files. Names are exact. Whatever fails for a reason that a client should hear is thrown as
 * an HttpError. Changes are asked for one after the other, `stage...` excepted; when one of them has resolved, it
 * outlives the process.
 */
export abstract class Store {
  /** In words, for whoever starts it. */
  abstract readonly description: string;

  abstract find(path: ResourcePath): Promise<Resource | undefined>;

  /** The members of a collection, by name. */
  abstract members(path: ResourcePath): AsyncIterable<Resource>;

  /** Opens a file. */
  abstract open(path: ResourcePath): Promise<OpenContent | undefined>;

  /** Takes in content. Where reading it fails, nothing is left behind. */
  abstract stageContent(content: AsyncIterable<Uint8Array>): Promise<Staged>;

  /** Copies a resource with its dead properties, and what is in it where `isDeep`. */
  abstract stageCopy(path: ResourcePath, isDeep: boolean): Promise<{ staged: Staged; failures: readonly Failure[] }>;

  /** Puts what was staged at `path`, in the place of all that is there. Its collection is there. */
  abstract place(staged: Staged, path: ResourcePath): Promise<void>;

  /** Drops what was staged, unless it was placed. */
  abstract discard(staged: Staged): Promise<void>;

  /** Makes a collection where nothing is. */
  abstract makeCollection(path: ResourcePath): Promise<void>;

  /** Moves a resource, with all in it and all dead properties, in the place of all that is at `to`. */
  abstract move(path: ResourcePath, to: ResourcePath): Promise<void>;

  /** Removes one file, or one collection that has no members. */
  abstract remove(path: ResourcePath): Promise<void>;

  abstract deadProperties(path: ResourcePath): Promise<readonly DeadProperty[]>;

  /** Sets all dead properties of a resource, or none. */
  abstract setDeadProperties(path: ResourcePath, properties: readonly DeadProperty[]): Promise<void>;

  abstract space(): Promise<Space | undefined>;
}
