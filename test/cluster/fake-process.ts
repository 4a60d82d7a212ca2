/** Stands for worker processes, which do what a test says. */

import { vi } from 'vitest';
import type { FromWorker, ToWorker } from '../../src/cluster/messages.js';
import { Supervisor, type SupervisorOptions } from '../../src/cluster/supervisor.js';
import type { ForkedProcess } from '../../src/cluster/worker-process.js';
import { type LogEntry, loggerInto } from '../support/served.js';

export const ADDRESS = { ip: '127.0.0.1', port: 8080, url: 'http://127.0.0.1:8080' };

export class FakeProcess implements ForkedProcess {
  readonly pid: number;
  readonly sent: ToWorker[] = [];
  readonly killed: NodeJS.Signals[] = [];
  #onMessage: (message: unknown) => void = () => {};
  #onExit: (code: number | null, signal: string | null) => void = () => {};

  constructor(pid: number) {
    this.pid = pid;
  }

  send(message: ToWorker): void {
    this.sent.push(message);
  }

  kill(signal: NodeJS.Signals): void {
    this.killed.push(signal);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage = listener;
  }

  onExit(listener: (code: number | null, signal: string | null) => void): void {
    this.#onExit = listener;
  }

  /** What it was asked to do, the news of other workers left out. */
  get orders(): ToWorker[] {
    return this.sent.filter(({ luminaire }) => luminaire !== 'workers');
  }

  says(message: FromWorker | object): void {
    this.#onMessage(message);
  }

  async listens(): Promise<void> {
    this.#onMessage({ luminaire: 'listening', address: ADDRESS });
    await vi.advanceTimersByTimeAsync(0);
  }

  async exits(code: number | null, signal: string | null = null): Promise<void> {
    this.#onExit(code, signal);
    await vi.advanceTimersByTimeAsync(0);
  }
}

/** A supervisor of fake workers. */
export interface Supervised {
  readonly supervisor: Supervisor;
  /** Every process that was started, in order. */
  readonly forked: FakeProcess[];
  readonly log: LogEntry[];
  readonly onGiveUp: () => void;
}

/** Makes one. Time must be faked. */
export function supervised(workers: number, options: Partial<SupervisorOptions> = {}): Supervised {
  const forked: FakeProcess[] = [];
  const log: LogEntry[] = [];
  const onGiveUp = vi.fn();
  const fork = () => {
    const process = new FakeProcess(100 + forked.length);
    forked.push(process);
    return process;
  };
  const times = {
    shutdownTimeout: 1000,
    drainDelay: 300,
    workerStartTimeout: 2000,
    workerHangTimeout: Number.POSITIVE_INFINITY,
  };
  const all = { workers, logger: loggerInto(log), listensOnce: false, fork, onGiveUp, ...times, ...options };
  const supervisor = new Supervisor(all);
  return { supervisor, forked, log, onGiveUp };
}

/** Makes one whose workers all listen. */
export async function started(workers: number, options: Partial<SupervisorOptions> = {}): Promise<Supervised> {
  const made = supervised(workers, options);
  const starting = made.supervisor.start();
  for (let i = 0; i < workers; i++) await (made.forked[i] as FakeProcess).listens();
  await starting;
  return made;
}
