/** Asks a server without a pause, while it is restarted, and looks at every answer. */

import { type Answer, Wire } from './wire.js';

/** What became of the requests of one load. */
export class RollingLoad {
  readonly #port: number;
  readonly #request: string;
  #isOver = false;
  readonly #loops: Promise<void>[] = [];
  /** Requests that got the answer they should. */
  answered = 0;
  /**
   * Requests that came to a kept connection just when the server closed it, so that not a byte of an answer came: clients
   * send them again (RFC 9112 §9.3.1), and so does this one.
   */
  resent = 0;
  /** Every other outcome. */
  readonly failures: string[] = [];
  /** Answers by what they said: the process that gave them. */
  readonly contents = new Map<string, number>();

  /** Sends the bytes of `request`: `each` connections at a time one of it, `kept` as many as the server lets them. */
  constructor(port: number, request: string, each: number, kept: number) {
    this.#port = port;
    this.#request = request;
    for (let i = 0; i < each; i++) this.#loops.push(this.#each());
    for (let i = 0; i < kept; i++) this.#loops.push(this.#kept());
  }

  /** Waits until `more` requests were answered, or one failed: by how many there are, not by the clock. */
  async answers(more: number): Promise<void> {
    const enough = this.answered + more;
    while (this.answered < enough && this.failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Ends it, when what was asked has been answered. */
  async stop(): Promise<this> {
    this.#isOver = true;
    await Promise.all(this.#loops);
    return this;
  }

  async #each(): Promise<void> {
    while (!this.#isOver) {
      try {
        const wire = await Wire.connect(this.#port);
        wire.send(this.#request);
        this.#count(await wire.response());
        wire.leave();
      } catch (error) {
        this.failures.push(`on a new connection: ${String(error)}`);
      }
    }
  }

  async #kept(): Promise<void> {
    while (!this.#isOver) {
      let wire: Wire;
      try {
        wire = await Wire.connect(this.#port);
      } catch (error) {
        this.failures.push(`on a new connection: ${String(error)}`);
        continue;
      }
      await this.#ask(wire);
      wire.leave();
    }
  }

  /** Asks on `wire` until one of both closes it. */
  async #ask(wire: Wire): Promise<void> {
    for (let isNew = true; !this.#isOver; isNew = false) {
      wire.send(this.#request);
      try {
        const answer = await wire.response();
        this.#count(answer);
        if (/\r\nconnection: close\r\n/i.test(answer.head)) return;
      } catch (error) {
        if (!isNew && wire.hasEnded && wire.pending === 0) this.resent++;
        else this.failures.push(`on a ${isNew ? 'new' : 'kept'} connection: ${String(error)}`);
        return;
      }
    }
  }

  #count({ status, content }: Answer): void {
    if (status !== 200) {
      this.failures.push(`status ${status}`);
      return;
    }
    this.answered++;
    const said = content.toString('latin1');
    this.contents.set(said, (this.contents.get(said) ?? 0) + 1);
  }
}
