/** Speaks for a worker with its supervisor. */

import cluster from 'node:cluster';
import { noteReplaced, noteWorkersState } from '../http/workers.js';
import type { CloseOptions, CloseReport } from '../server/server.js';
import { endSoon } from './end-soon.js';
import { BEAT_MS, type FromWorker, isOurs, type ToWorker, type WorkerAddress } from './messages.js';

/** Says that this worker could not start. The supervisor then ends it, if nobody does. */
export function tellFailure(): void {
  tell({ luminaire: 'failed' });
}

/**
 * Says that this worker takes requests at `address`, and from then on calls `close` when the supervisor asks for it.
 * Without a supervisor, which was killed, it closes too: its listening socket is gone.
 */
export function join(address: WorkerAddress, close: (options: CloseOptions) => Promise<CloseReport>): void {
  const worker = cluster.worker;
  process.on('message', (message) => {
    if (isOurs(message)) obey(message as ToWorker, close);
  });
  worker?.once('disconnect', () => {
    if (worker.exitedAfterDisconnect) return;
    // Or else Node ends the process with the requests that run in it.
    worker.exitedAfterDisconnect = true;
    void closeQuietly(close, { delay: 0 }).then(() => endSoon());
  });
  tell({ luminaire: 'listening', address });
  setInterval(() => tell({ luminaire: 'beat' }), BEAT_MS).unref();
}

/** Says that the last request was served, and lets the process end. */
export function leave({ destroyed }: CloseReport): void {
  tell({ luminaire: 'closed', destroyed });
  // In a round trip, in which clients that were on their way here are given to another worker.
  if (process.connected) cluster.worker?.disconnect();
}

function obey(message: ToWorker, close: (options: CloseOptions) => Promise<CloseReport>): void {
  if (message.luminaire === 'workers') {
    noteWorkersState(message.state);
    return;
  }
  const { timeout, delay, linger, isReplaced } = message;
  if (isReplaced) noteReplaced();
  void closeQuietly(close, { timeout, delay, linger });
}

/** What goes wrong must not keep the process, nor end it in the middle of something. */
async function closeQuietly(close: (options: CloseOptions) => Promise<CloseReport>, options: CloseOptions) {
  try {
    await close(options);
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`A worker could not be closed cleanly: ${String(error)}\n`);
  }
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
