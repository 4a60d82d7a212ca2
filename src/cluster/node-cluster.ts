/** Starts workers by `node:cluster`: the system's listening sockets are the primary's, whoever asks for them. */

import cluster, { type Worker } from 'node:cluster';
import { variablesForWorkers } from '../sockets/inherited.js';
import { WORKER_VARIABLE } from './place.js';
import type { ForkedProcess } from './worker-process.js';

let started = 0;

/** What the primary sends with a client, and what a worker answers. */
interface ClusterMessage {
  readonly cmd?: string;
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/** Runs the script of this process once more, as a worker. `hasOthers` tells whether others take clients. */
export function forkWorker(hasOthers: () => boolean): ForkedProcess {
  const worker = cluster.fork({ ...variablesForWorkers(), [WORKER_VARIABLE]: String(++started) });
  giveBackClients(worker, hasOthers);
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

/**
 * Gives the clients to the other workers that were on their way to this one when it died. Node (20 to 26) forgets them,
 * and they would wait without an end: they are neither served nor closed. None of them was served: a worker says that it
 * has a client before it reads from it.
 */
function giveBackClients(worker: Worker, hasOthers: () => boolean): void {
  const { process: child } = worker;
  const underWay = new Map<number, { close(): void }>();
  const send = child.send.bind(child) as (...args: unknown[]) => boolean;
  child.send = (...args: unknown[]) => {
    const [message, handle] = args as [ClusterMessage, { close(): void } | undefined];
    if (message.cmd === 'NODE_CLUSTER' && message.act === 'newconn' && message.seq !== undefined && handle) {
      underWay.set(message.seq, handle);
    }
    return send(...args);
  };
  child.on('internalMessage', ({ ack }: ClusterMessage) => {
    if (ack !== undefined) underWay.delete(ack);
  });
  let isDisconnected = false;
  child.once('disconnect', () => {
    isDisconnected = true;
  });
  // When all that the worker has sent was read.
  child.once('close', () => {
    // With a client under way Node does not tell this, not even its own list of workers that take clients.
    if (!isDisconnected) child.emit('disconnect');
    for (const [ack, handle] of [...underWay]) {
      // As a worker says that is closing: whoever has sent the client looks for another.
      if (hasOthers()) child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: false }, undefined);
      else handle.close();
    }
  });
}

/** Whether workers can be started here: somebody else's cluster may have started this process. */
export function canFork(): boolean {
  return cluster.isPrimary && process.argv[1] !== undefined;
}
