/** Tells what this process is: the one that supervises, or one of its workers. */

/** Says to a process that it is a worker: `1` to the one that was started first. */
export const WORKER_VARIABLE = 'LUMINAIRE_WORKER';

const number = process.env[WORKER_VARIABLE];
// A process that a worker starts is none itself.
delete process.env[WORKER_VARIABLE];

/** Whether a supervisor has started this process. */
export const isWorker = number !== undefined && process.connected === true;

/** Whether this process is the first that was started: what all of them would print, it prints alone. */
export const isFirstWorker = isWorker && number === '1';
