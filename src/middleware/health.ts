/** Answers the probes of whoever runs the server. */

import type { Middleware } from '../http/handler.js';
import type { Logger } from '../http/logger.js';
import type { Response } from '../http/response.js';
import { MAX_TIMER_MS } from '../http/time-limit.js';
import { isBeingReplaced, workersState } from '../http/workers.js';
import { checkNames, checkWhole, optionError } from './option-error.js';

/**
 * Looks whether something that the server needs is there. Not so where it throws, rejects, or gives `false`. `signal`
 * aborts when its time is up: hand it on to what can be stopped.
 */
export type HealthCheck = (signal: AbortSignal) => unknown;

/** Where the probes are answered, and what makes the process ready. */
export interface HealthOptions {
  /** The path at which the process says that it lives. Default `/livez`. */
  readonly live?: string;
  /** The path at which it says whether it takes requests. Default `/readyz`. */
  readonly ready?: string;
  /** What must be there for it to be ready, by name. Default: nothing. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  /** Milliseconds that each check may take. Default 2000. */
  readonly timeout?: number;
}

type Outcome = 'ok' | 'failed' | 'timeout';

/**
 * Answers GET of `live` with 200 as long as the process answers at all, and of `ready` with 200 where every check passes
 * or else 503; 503 without any check once the server drains, so that nobody sends it more. The answer is JSON that no cache
 * keeps. It names the checks; why one failed is logged, when that changes, and never told.
 *
 * A worker also tells how many there are to be, how many are ready, and how many had to be replaced; while another takes
 * its place it stays ready, as the application does. Checks are those of the worker that answers.
 *
 * Stands before `accessLog`, since probes come every few seconds and say nothing new, and before whatever asks who is there.
 *
 * @throws TypeError for an option that is malformed.
 */
export function health(options: HealthOptions = {}): Middleware {
  checkNames('health', options, ['live', 'ready', 'checks', 'timeout']);
  const live = checkPath('live', options.live ?? '/livez');
  const ready = checkPath('ready', options.ready ?? '/readyz');
  if (live === ready) throw optionError('health: ready', 'another path than live', ready);
  const timeout = checkWhole('health: timeout', options.timeout ?? 2000, 1, MAX_TIMER_MS);
  const checks = Object.entries(options.checks ?? {}).map(([name, check]) => new Check(name, check, timeout));
  // Named for the route table and for errors.
  return function health(req, res, next) {
    const { path } = req.url;
    if ((path !== live && path !== ready) || (req.method !== 'GET' && req.method !== 'HEAD')) return next(req, res);
    if (path === live) answer(res, 200, { status: 'ok' });
    else if (req.serverDrains && !isBeingReplaced()) answer(res, 503, { status: 'draining' });
    else if (checks.length === 0) answer(res, 200, { status: 'ok' });
    else return answerChecked(checks, req.logger, res);
  };
}

async function answerChecked(checks: readonly Check[], logger: Logger, res: Response): Promise<void> {
  const outcomes = await Promise.all(checks.map(async (check) => [check.name, await check.look(logger)] as const));
  const isReady = outcomes.every(([, outcome]) => outcome === 'ok');
  answer(res, isReady ? 200 : 503, {
    status: isReady ? 'ok' : 'failing',
    checks: Object.fromEntries(outcomes),
  });
}

function answer(res: Response, status: number, body: object): void {
  const workers = workersState();
  res.setStatus(status).setHeader('Cache-Control', 'no-store');
  res.json(workers === undefined ? body : { ...body, workers });
}

class Check {
  readonly name: string;
  readonly #check: HealthCheck;
  readonly #timeout: number;
  /** One look serves all probes that come meanwhile: they must not become the load that they look for. */
  #looking: Promise<Outcome> | undefined = undefined;
  #last: Outcome = 'ok';

  constructor(name: string, check: HealthCheck, timeout: number) {
    if (typeof check !== 'function') throw optionError(`health: checks.${name}`, 'a function', check);
    this.name = name;
    this.#check = check;
    this.#timeout = timeout;
  }

  /** Never rejects. */
  look(logger: Logger): Promise<Outcome> {
    this.#looking ??= this.#look(logger).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(logger: Logger): Promise<Outcome> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        abort.abort();
        reject(new Error(`There was no outcome within ${this.#timeout} ms`));
      }, this.#timeout);
    });
    try {
      const outcome = await Promise.race([this.#check(abort.signal), late]);
      this.#note(outcome === false ? 'failed' : 'ok', undefined, logger);
    } catch (error) {
      this.#note(abort.signal.aborted ? 'timeout' : 'failed', error, logger);
    } finally {
      clearTimeout(timer);
    }
    return this.#last;
  }

  /** Logs what has changed: a probe comes every few seconds. */
  #note(outcome: Outcome, error: unknown, logger: Logger): void {
    if (outcome === this.#last) return;
    this.#last = outcome;
    if (outcome === 'ok') logger.info({ check: this.name }, 'A health check passes again');
    else
      logger.warn(
        { check: this.name, ...(error === undefined ? {} : { err: error }) },
        outcome === 'timeout' ? 'A health check takes too long' : 'A health check fails',
      );
  }
}

function checkPath(name: string, path: unknown): string {
  if (typeof path !== 'string' || !path.startsWith('/')) throw optionError(`health: ${name}`, 'a path', path);
  return path;
}
