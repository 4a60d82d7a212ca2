/** Keeps the workers of an application running. */

import type { Logger } from '../http/logger.js';
import type { WorkersState } from '../http/workers.js';
import type { CloseOptions, CloseReport } from '../server/server.js';
import { BackOff, MOST_FAILURES, STABLE_MS } from './back-off.js';
import { LINGER_MS } from './messages.js';
import { type Ending, type ForkedProcess, WorkerProcess } from './worker-process.js';

/** What a supervisor works with. Times are milliseconds. */
export interface SupervisorOptions {
  /** How many workers there are to be. */
  readonly workers: number;
  readonly logger: Logger;
  readonly shutdownTimeout: number;
  readonly drainDelay: number;
  readonly workerStartTimeout: number;
  readonly workerHangTimeout: number;
  /** Whether the listening socket is lost once no worker has it. */
  readonly listensOnce: boolean;
  /** Starts a process that runs the application. `hasOthers` tells whether another one takes requests. */
  readonly fork: (hasOthers: () => boolean) => ForkedProcess;
  /** Called once where it is no use to start another worker, when the last one has ended. */
  readonly onGiveUp: () => void;
}

/** The place of one worker: who has it now, and how its last ones fared. */
interface Slot {
  worker: WorkerProcess | undefined;
  readonly backOff: BackOff;
  timer: NodeJS.Timeout | undefined;
}

/** Stands in the primary process for the application, which its workers run. */
export class Supervisor implements AsyncDisposable {
  /** The address that all workers share, once the first one listens. */
  ip = '';
  port = 0;
  /** How to reach the application, as `Server.url`. */
  url = '';
  /** Resolves when the last worker has ended, and none is to follow. */
  readonly ended: Promise<void>;
  readonly #options: SupervisorOptions;
  readonly #slots: readonly Slot[];
  /** Every process that runs, those included that are replaced or not ready yet. */
  readonly #running = new Set<WorkerProcess>();
  #restarts = 0;
  #isStarted = false;
  #closing: Promise<CloseReport> | undefined;
  #rolling: Promise<void> | undefined;
  #rollingNext: Promise<void> | undefined;
  #onEnded: () => void = () => {};

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.workers }, () => ({
      worker: undefined,
      backOff: new BackOff(),
      timer: undefined,
    }));
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
  }

  /** How the workers are now. Each of them knows it too, and `health` tells it. */
  get state(): WorkersState {
    const ready = [...this.#running].filter((worker) => worker.isReady).length;
    return { wanted: this.#slots.length, ready, restarts: this.#restarts };
  }

  /** The process ids of the workers, those included that are about to end. */
  get pids(): readonly number[] {
    return [...this.#running].flatMap(({ pid }) => pid ?? []);
  }

  /** Whether {@link close} was called, or it has given up. */
  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * Starts the first worker, then the others: what is wrong with the application is said once. Closed meanwhile, none
   * is left when it resolves.
   *
   * @throws Error where one of them cannot start; then none is left either.
   */
  async start(): Promise<this> {
    try {
      const [first, ...others] = this.#slots.map((slot) => () => this.#fill(slot).ready);
      const { ip, port, url } = await (first as NonNullable<typeof first>)();
      Object.assign(this, { ip, port, url });
      await Promise.all(others.map((fill) => fill()));
    } catch (cause) {
      const wasAsked = this.isClosing;
      await this.close({ timeout: 0, delay: 0 });
      if (wasAsked) return this;
      throw new Error('A worker could not start, so nothing is served. It has said why.', { cause });
    }
    this.#isStarted = true;
    this.#options.logger.info({ url: this.url, workers: this.#slots.length }, 'Workers take requests');
    return this;
  }

  /**
   * Replaces the workers one by one: each new one takes requests before the old one closes as `Server.close` does, so
   * that no request is lost. Called meanwhile, it is done once more afterwards.
   *
   * @throws Error where a new worker cannot start; those that are not replaced yet go on.
   */
  restart(): Promise<void> {
    if (this.#rolling === undefined) {
      this.#rolling = this.#roll().finally(() => {
        this.#rolling = undefined;
      });
      return this.#rolling;
    }
    this.#rollingNext ??= this.#rolling
      .catch(() => {})
      .then(() => {
        this.#rollingNext = undefined;
        return this.restart();
      });
    return this.#rollingNext;
  }

  /**
   * Closes all workers at the same time, each as `Server.close` does, and waits for their end. One that still runs 5 s
   * after its time is killed. Asked again, it is the same close.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    const { timeout = this.#options.shutdownTimeout, delay = this.#options.drainDelay, linger = 0 } = options;
    this.#closing ??= this.#closeAll({ timeout, delay, linger });
    return this.#closing;
  }

  /** Closes it, with the defaults of {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close().then(() => {});
  }

  async #closeAll(options: Required<CloseOptions>): Promise<CloseReport> {
    for (const { timer } of this.#slots) clearTimeout(timer);
    const workers = [...this.#running];
    await Promise.all(workers.map((worker) => worker.close(options)));
    this.#onEnded();
    return { destroyed: workers.reduce((sum, { destroyed }) => sum + destroyed, 0) };
  }

  async #roll(): Promise<void> {
    const { logger, shutdownTimeout } = this.#options;
    for (const slot of this.#slots) {
      if (this.isClosing) throw new Error('The workers are closing');
      const fresh = this.#fork(slot);
      try {
        await fresh.ready;
      } catch (cause) {
        throw new Error('A new worker could not start; the old ones go on', { cause });
      }
      // Not the one of before: it may have ended meanwhile, and another may be on its way.
      const old = slot.worker;
      clearTimeout(slot.timer);
      slot.worker = fresh;
      // The others go on: a load balancer has nothing to find out, so nothing is waited for.
      await old?.close({ timeout: shutdownTimeout, delay: 0, linger: LINGER_MS }, true);
    }
    logger.info({ workers: this.#slots.length }, 'All workers are replaced');
  }

  #fill(slot: Slot): WorkerProcess {
    slot.worker = this.#fork(slot);
    return slot.worker;
  }

  #fork(slot: Slot): WorkerProcess {
    const { fork, workerStartTimeout, workerHangTimeout, logger } = this.#options;
    const timeouts = { start: workerStartTimeout, hang: workerHangTimeout };
    const hasOthers = () => [...this.#running].some((other) => other !== worker && other.isReady);
    const worker: WorkerProcess = new WorkerProcess(fork(hasOthers), timeouts, logger);
    this.#running.add(worker);
    worker.ready.then(
      () => this.#tellAll(),
      () => {},
    );
    void worker.ended.then((ending) => {
      this.#running.delete(worker);
      this.#tellAll();
      if (slot.worker === worker && !this.isClosing) this.#replace(slot, worker, ending);
    });
    return worker;
  }

  #replace(slot: Slot, worker: WorkerProcess, { how, livedMs }: Ending): void {
    // `start` has heard of it.
    if (!this.#isStarted && !worker.wasReady) return;
    const { logger, listensOnce } = this.#options;
    if (listensOnce && this.state.ready === 0) {
      this.#giveUp({ how }, 'Gives up: no worker is left, and the socket that was inherited closed with the last one');
      return;
    }
    const delay = slot.backOff.afterEnd(livedMs);
    if (delay === undefined) {
      const fields = { workers: MOST_FAILURES, withinMs: STABLE_MS, how };
      this.#giveUp(fields, 'Gives up: workers in a row have ended too soon after their start');
      return;
    }
    this.#restarts++;
    logger.error({ worker: worker.pid, how, delay }, 'A worker has ended, and is replaced');
    slot.timer = setTimeout(() => this.#fill(slot), delay);
  }

  #giveUp(fields: object, message: string): void {
    const { logger, onGiveUp } = this.#options;
    logger.error(fields, message);
    void this.close().then(onGiveUp);
  }

  #tellAll(): void {
    const { state } = this;
    for (const worker of this.#running) if (worker.isReady) worker.tell({ luminaire: 'workers', state });
  }
}
