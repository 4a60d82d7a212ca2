/** Presents one datagram as a stream whose end is its answer. */

import { Duplex } from 'node:stream';

/** What a datagram is told about where it came from. */
export interface DatagramOrigin {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly maxAnswerSize: number;
  /** Whether an answer of this status is sent. */
  answers(status: number): boolean;
  /** Sends one datagram back to where it came from. */
  send(answer: Buffer): Promise<void>;
}

/** An answer that no datagram can carry. */
export class DatagramTooLarge extends Error {
  override readonly name = 'DatagramTooLarge';
}

/** `HTTP/1.1 200`: where the status of an answer begins (RFC 9112 §4). */
const STATUS_OFFSET = 9;

/**
 * Reads as the bytes that came, and their end. What is written is kept, and sent in one piece when the writing side
 * ends; destroyed before, it is never sent. Emits `tooLarge` with a {@link DatagramTooLarge} instead of sending a part.
 */
export class Datagram extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #origin: DatagramOrigin;
  readonly #answer: Buffer[] = [];
  #answerBytes = 0;

  constructor(bytes: Buffer, origin: DatagramOrigin) {
    super({ allowHalfOpen: true });
    this.remoteAddress = origin.remoteAddress;
    this.remotePort = origin.remotePort;
    this.#origin = origin;
    this.push(bytes);
    this.push(null);
  }

  /** @internal */
  override _read(): void {}

  /** @internal */
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#answerBytes += chunk.length;
    const { maxAnswerSize, remoteAddress, remotePort } = this.#origin;
    if (this.#answerBytes <= maxAnswerSize) {
      this.#answer.push(chunk);
      done();
      return;
    }
    this.#answer.length = 0;
    const error = new DatagramTooLarge(
      `The answer to ${remoteAddress} port ${remotePort} has more than the ${maxAnswerSize} bytes of a datagram`,
    );
    this.emit('tooLarge', error);
    done(error);
  }

  /** @internal */
  override _final(done: (error?: Error) => void): void {
    const answer = Buffer.concat(this.#answer);
    const status = Number(answer.toString('latin1', STATUS_OFFSET, STATUS_OFFSET + 3));
    if (answer.length === 0 || !this.#origin.answers(status)) {
      done();
      return;
    }
    // What the network does not take is lost, as datagrams may be: it ends with its client.
    this.#origin.send(answer).then(() => done(), done);
  }
}
