/** Makes this process the supervisor of an application. */

import { availableParallelism } from 'node:os';
import type { Opts } from '../server/opts.js';
import { hasInherited } from '../sockets/inherited.js';
import { endSoon } from './end-soon.js';
import { canFork, forkWorker } from './node-cluster.js';
import { obeySignals } from './signals.js';
import { Supervisor } from './supervisor.js';

/** The one of this process, while it runs. */
let current: Supervisor | undefined;

/**
 * Starts the workers that `opts` ask for, each with the script of this process.
 *
 * @throws Error where a worker cannot start, where this process has a supervisor already, or is itself a worker of
 * somebody else's cluster.
 */
export async function supervise(opts: Opts, obeysSignals: boolean): Promise<Supervisor> {
  if (!canFork()) {
    throw new Error(
      process.argv[1] === undefined
        ? 'workers: expected a script that workers can run, this process runs none'
        : 'workers: this process is a worker of another cluster; leave the option out, and let that one count',
    );
  }
  if (current !== undefined) {
    throw new Error(
      'workers: this process supervises an application already. A worker runs the whole script: join the sockets of ' +
        'both with JoinedSocket, or start two scripts.',
    );
  }
  const { workers = 1, logger, shutdownTimeout, drainDelay, workerStartTimeout, workerHangTimeout } = opts;
  const supervisor = new Supervisor({
    workers: workers === 'auto' ? availableParallelism() : workers,
    logger,
    shutdownTimeout,
    drainDelay,
    workerStartTimeout,
    workerHangTimeout,
    listensOnce: hasInherited(),
    fork: forkWorker,
    onGiveUp: () => {
      process.exitCode = 1;
      endSoon();
    },
  });
  current = supervisor;
  void supervisor.ended.then(() => {
    current = undefined;
  });
  if (obeysSignals) obeySignals(supervisor, logger);
  return supervisor.start();
}
