/** Splits the content of a form into its parts, no faster than they are read. */

import type { Readable } from 'node:stream';
import { malformed, overLimit } from './form-errors.js';
import type { CheckedMultipartOptions } from './multipart-options.js';
import { PartContent } from './part-content.js';
import { type PartFields, type PartHead, readPartHead } from './part-head.js';

/** What of `@fastify/busboy` is used: the splitter below its form parser, which drops without a word what is malformed. */
type Dicer = import('@fastify/busboy').Dicer;

const CUT_OFF = 'The head of a part is cut off by a boundary.';
const TRUNCATED = 'The form ends before its closing boundary.';

/** One part as it arrives. */
export interface SplitPart {
  readonly head: PartHead;
  readonly content: AsyncIterable<Uint8Array>;
}

/** A part whose head may not have arrived. */
interface OpenPart {
  head: PartHead | undefined;
  readonly content: PartContent;
}

export class PartSplitter {
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #dicer: Dicer;
  readonly #limits: CheckedMultipartOptions;
  /** Parts whose head has arrived, and that nobody has asked for. */
  readonly #ready: OpenPart[] = [];
  /** The part that the content has come to. */
  #last: OpenPart | undefined = undefined;
  /** The part that is being read. */
  #current: OpenPart | undefined = undefined;
  #count = 0;
  #isStarted = false;
  #isStopped = false;
  /** All content was consumed. */
  #isConsumed = false;
  /** The closing boundary was found, and everything before it was read. */
  #isFinished = false;
  #error: Error | undefined = undefined;
  #wake: () => void = () => {};
  /** Lets what waits for room in the splitter go on. */
  #goOn: () => void = () => {};

  private constructor(pieces: AsyncIterable<Uint8Array>, dicer: Dicer, limits: CheckedMultipartOptions) {
    this.#pieces = pieces;
    this.#dicer = dicer;
    this.#limits = limits;
    dicer.on('part', (stream: Readable) => this.#begin(stream));
    dicer.on('finish', () => {
      if (this.#isLastCutOff()) this.#fail(malformed(CUT_OFF));
      this.#isFinished = true;
      this.#goOn();
      this.#wake();
    });
    dicer.on('error', () => this.#fail(malformed(TRUNCATED)));
  }

  /** Loads the library at the first form: an application that gets none never does. */
  static async open(
    pieces: AsyncIterable<Uint8Array>,
    boundary: string,
    limits: CheckedMultipartOptions,
  ): Promise<PartSplitter> {
    const { Dicer } = await import('@fastify/busboy');
    // More than is accepted: what goes beyond is dropped without a word. The line end of the boundary counts there.
    const config = { boundary, maxHeaderSize: limits.maxPartHeadSize + 8 };
    return new PartSplitter(pieces, new Dicer(config), limits);
  }

  /**
   * Gives the next part, `undefined` at the end. What was not read of the one before is dropped.
   *
   * @throws HttpError 400 where the form is malformed, 413 over a limit, and what the content throws.
   */
  async next(): Promise<SplitPart | undefined> {
    this.#current?.content.skip();
    this.#current = undefined;
    if (!this.#isStarted) {
      this.#isStarted = true;
      void this.#pump();
    }
    for (;;) {
      this.#current = this.#ready.shift();
      if (this.#current !== undefined) return this.#current as SplitPart;
      if (this.#error !== undefined) throw this.#error;
      if (this.#isConsumed && this.#isFinished) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Reads no further. What the client still sends is the connection's to drop. */
  stop(): void {
    this.#isStopped = true;
    this.#dicer.destroy();
  }

  /** Hands the content on for as long as it is read. Never rejects. */
  async #pump(): Promise<void> {
    try {
      for await (const piece of this.#pieces) {
        if (this.#isStopped) return;
        // Behind the closing boundary there may be an epilogue, which means nothing (RFC 2046 §5.1.1).
        if (!this.#isFinished) await this.#write(piece);
        if (this.#error !== undefined) return;
      }
      this.#isConsumed = true;
      if (!this.#isFinished) this.#dicer.end();
      this.#wake();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /**
   * Resolves when there is room for more, or when no more is wanted: the splitter finishes without calling back where
   * it waited for the last part to be read. A listener below throws through `write`, so that nothing is split further.
   */
  #write(piece: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#goOn = resolve;
      this.#dicer.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  }

  #begin(stream: Readable): void {
    if (this.#isLastCutOff()) throw malformed(CUT_OFF);
    this.#last = undefined;
    const { maxParts } = this.#limits;
    if (++this.#count > maxParts) {
      throw overLimit('maxParts', maxParts, `The form has more than the ${maxParts} parts accepted`);
    }
    const part: OpenPart = { head: undefined, content: new PartContent(stream) };
    this.#last = part;
    stream.on('header', (fields: PartFields) => {
      part.head = this.#readHead(fields);
      this.#ready.push(part);
      this.#wake();
    });
  }

  /** Whether a boundary stands in the middle of a head. */
  #isLastCutOff(): boolean {
    return this.#last !== undefined && this.#last.head === undefined;
  }

  #readHead(fields: PartFields): PartHead {
    const { maxPartHeadSize, maxNameSize } = this.#limits;
    if (sizeOf(fields) > maxPartHeadSize) {
      const detail = `The head of a part is larger than the ${maxPartHeadSize} bytes accepted`;
      throw overLimit('maxPartHeadSize', maxPartHeadSize, detail);
    }
    const head = readPartHead(fields);
    if (typeof head === 'string') throw malformed(head);
    for (const name of [head.name, head.filename ?? '']) {
      if (Buffer.byteLength(name) <= maxNameSize) continue;
      throw overLimit(
        'maxNameSize',
        maxNameSize,
        `A name in the form is longer than the ${maxNameSize} bytes accepted`,
      );
    }
    return head;
  }

  #fail(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    // Every part before the last is complete, read or not.
    this.#last?.content.fail(error);
    this.#wake();
  }
}

/** The bytes of a head: its field lines, each with its colon, a space and its line end. */
function sizeOf(fields: PartFields): number {
  let size = 0;
  for (const name in fields) for (const value of fields[name] ?? []) size += name.length + value.length + 4;
  return size;
}
