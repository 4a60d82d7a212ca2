/** Follows one worker from its start to its end. */

import type { Logger } from '../http/logger.js';
import type { CloseOptions } from '../server/server.js';
import { BEAT_MS, type FromWorker, isOurs, type ToWorker, type WorkerAddress } from './messages.js';

/** A process as `node:cluster` starts it: the part that is needed here. */
export interface ForkedProcess {
  readonly pid: number | undefined;
  send(message: ToWorker): void;
  kill(signal: NodeJS.Signals): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, also where it could not be started. */
  onExit(listener: (code: number | null, signal: string | null) => void): void;
}

/** How it ended. */
export interface Ending {
  /** For people: `code 1`, `SIGKILL`. */
  readonly how: string;
  /** Milliseconds that it took requests; 0 where it never did. */
  readonly livedMs: number;
}

/** Milliseconds beyond those for its requests that a worker has to dispose what it holds. */
const GRACE_MS = 5_000;
/** Milliseconds that a worker which could not start has to say so. */
const LAST_WORDS_MS = 1_000;
const STILL_RUNS = 'A worker has closed and still runs, and is killed: something in it is not disposed';

/** What a worker has time for, in milliseconds. */
export interface WorkerTimeouts {
  /** To listen, once it is started. */
  readonly start: number;
  /** To say anything, once it listens. */
  readonly hang: number;
}

export class WorkerProcess {
  /** Resolves once it takes requests; rejects where it ends before, or cannot start. */
  readonly ready: Promise<WorkerAddress>;
  readonly ended: Promise<Ending>;
  /** Connections that it had to cut off when it closed. */
  destroyed = 0;
  hasEnded = false;
  readonly #process: ForkedProcess;
  readonly #logger: Logger;
  #readyAt: number | undefined;
  #isClosing = false;
  #deadline: NodeJS.Timeout | undefined;
  readonly #hangTimeout: number;
  #watch: NodeJS.Timeout | undefined;
  #silentMs = 0;
  #onReady: (address: WorkerAddress) => void = () => {};
  #onFailed: (error: Error) => void = () => {};

  constructor(process: ForkedProcess, { start, hang }: WorkerTimeouts, logger: Logger) {
    this.#process = process;
    this.#hangTimeout = hang;
    this.#logger = logger;
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onFailed = reject;
    });
    // Whoever waits hears of it; that nobody waits, for one that is replaced, is no fault.
    this.ready.catch(() => {});
    this.ended = new Promise((resolve) => {
      process.onExit((code, signal) => resolve(this.#end(signal ?? `code ${code}`)));
    });
    process.onMessage((message) => {
      if (isOurs(message)) this.#hear(message as FromWorker);
    });
    this.#killAfter(start, `A worker did not listen within ${start} ms, and is killed`);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Whether it takes requests, and is to go on. */
  get isReady(): boolean {
    return this.#readyAt !== undefined && !this.#isClosing && !this.hasEnded;
  }

  /** Whether it ever took requests. */
  get wasReady(): boolean {
    return this.#readyAt !== undefined;
  }

  tell(message: ToWorker): void {
    if (!this.hasEnded) this.#process.send(message);
  }

  /**
   * Lets it close as `Server.close` does, and end; one that does not take requests yet ends at once. What is left of it
   * after its time is killed. Asked again, it is the same close.
   */
  close(options: Required<CloseOptions>, isReplaced = false): Promise<Ending> {
    if (this.#isClosing || this.hasEnded) return this.ended;
    const hasClients = this.#readyAt !== undefined;
    this.#beginClosing();
    const { timeout, delay, linger } = options;
    if (hasClients) this.tell({ luminaire: 'close', timeout, delay, linger, isReplaced });
    else this.#process.kill('SIGTERM');
    this.#killAfter(hasClients ? timeout + delay + linger + GRACE_MS : GRACE_MS, STILL_RUNS);
    return this.ended;
  }

  #hear(message: FromWorker): void {
    this.#silentMs = 0;
    if (message.luminaire === 'beat') return;
    if (message.luminaire === 'closed') {
      this.destroyed = message.destroyed;
      if (this.#isClosing) return;
      // By itself: at a signal of its own, or because the application says so.
      this.#beginClosing();
      this.#killAfter(GRACE_MS, STILL_RUNS);
    } else if (message.luminaire === 'failed') {
      this.#killAfter(LAST_WORDS_MS, 'A worker could not start and does not end, and is killed');
    } else if (!this.#isClosing) {
      clearTimeout(this.#deadline);
      this.#readyAt = performance.now();
      this.#watch = setInterval(() => this.#listenForBeat(), BEAT_MS);
      this.#onReady(message.address);
    }
  }

  /** From now on there is a deadline for all that it does. */
  #beginClosing(): void {
    this.#isClosing = true;
    clearInterval(this.#watch);
  }

  /** Counts the beats that are missing: a clock would count the time in which all processes stood still. */
  #listenForBeat(): void {
    this.#silentMs += BEAT_MS;
    if (this.#silentMs <= this.#hangTimeout) return;
    clearInterval(this.#watch);
    this.#logger.error(
      { worker: this.pid, silentMs: this.#silentMs },
      'The event loop of a worker stands still: it is killed',
    );
    this.#process.kill('SIGKILL');
  }

  #end(how: string): Ending {
    this.hasEnded = true;
    clearTimeout(this.#deadline);
    clearInterval(this.#watch);
    this.#onFailed(new Error(`It ended with ${how} before it listened`));
    return { how, livedMs: this.#readyAt === undefined ? 0 : performance.now() - this.#readyAt };
  }

  #killAfter(ms: number, why: string): void {
    clearTimeout(this.#deadline);
    if (ms === Number.POSITIVE_INFINITY) return;
    this.#deadline = setTimeout(() => {
      this.#logger.warn({ worker: this.pid }, why);
      this.#process.kill('SIGKILL');
    }, ms);
  }
}
