/** Starts workers by `node:cluster`: the system's listening sockets are the primary's, whoever asks for them. */

import cluster from 'node:cluster';
import { WORKER_VARIABLE } from './place.js';
import type { ForkedProcess } from './worker-process.js';

let started = 0;

/** Runs the script of this process once more, as a worker. @throws Error in a process that runs no script. */
export function forkWorker(): ForkedProcess {
  const worker = cluster.fork({ [WORKER_VARIABLE]: String(++started) });
  return {
    pid: worker.process.pid,
    send: (message) => {
      // It may be gone, and its end not heard of yet.
      if (worker.isConnected()) worker.process.send(message, () => {});
    },
    kill: (signal) => void worker.process.kill(signal),
    onMessage: (listener) => void worker.on('message', listener),
    onExit: (listener) => {
      worker.once('exit', listener);
      // Also where a message could not be sent; it is an end only where there was no beginning.
      worker.on('error', (error) => {
        if (worker.process.pid === undefined) listener(null, error.message);
      });
    },
  };
}

/** Whether workers can be started here: somebody else's cluster may have started this process. */
export function canFork(): boolean {
  return cluster.isPrimary && process.argv[1] !== undefined;
}
