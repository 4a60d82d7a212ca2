/** Serves a request that is sent again only once (draft-ietf-httpapi-idempotency-key-header-07). */

import { createHash, randomUUID } from 'node:crypto';
import type { Middleware, Next } from '../../http/handler.js';
import { HttpError } from '../../http/http-error.js';
import type { Request } from '../../http/request.js';
import { Response } from '../../http/response.js';
import { MAX_TIMER_MS } from '../../http/time-limit.js';
import { checkNames, checkWhole, optionError } from '../option-error.js';
import { withinStoreTime } from '../store-time.js';
import { HeldAnswer } from './held-answer.js';
import { parseIdempotencyKey } from './idempotency-key.js';
import type { ClaimedRequest, IdempotencyStore } from './idempotency-store.js';
import { type Answer, readAnswer, sendAnswer, writeAnswer } from './kept-answer.js';
import { MemoryIdempotencyStore } from './memory-idempotency-store.js';

/** Which requests have a key, and how their answers are kept. */
export interface IdempotencyOptions {
  /**
   * Names whoever sent a request, as nobody else may have their answers: the id of a user, say. `undefined` for somebody
   * unknown, whose request is served as if it had no key.
   */
  readonly scope: (req: Request) => string | undefined | Promise<string | undefined>;
  /** Where keys and answers are kept. Default: in the memory of this process, up to 16 MiB. */
  readonly store?: IdempotencyStore;
  /** Whether a request without a key is refused, with 400. Default false: it is served as ever. */
  readonly required?: boolean;
  /** The methods whose requests have keys. Default `POST` and `PATCH`: others are idempotent by themselves, or change nothing. */
  readonly methods?: readonly string[];
  /** Seconds for which an answer is kept, from its end on. Default 86400, a day. */
  readonly maxAge?: number;
  /**
   * Milliseconds after which a key without an answer may be used again: the process has died, it is assumed. To be longer
   * than any request takes. Default 60000.
   */
  readonly lockTimeout?: number;
  /**
   * Bytes of content up to which an answer is kept. A larger one is sent, and the request refused when it comes again; one
   * that is streamed is an error. Default 1048576.
   */
  readonly maxAnswerSize?: number;
  /** Tells requests with one key apart, beside method and target. Default: all of the content, which is read for it. */
  readonly fingerprint?: (req: Request) => string | Promise<string>;
  /** Milliseconds after which the store counts as failed. Default 1000. */
  readonly storeTimeout?: number;
}

const OPTIONS = [
  ...['scope', 'store', 'required', 'methods', 'maxAge', 'lockTimeout', 'maxAnswerSize', 'fingerprint'],
  'storeTimeout',
];

const DAY = 24 * 60 * 60;

/** Where all keys of one middleware are, and for how long. */
interface Plan {
  readonly store: IdempotencyStore;
  readonly maxAge: number;
  readonly lockTimeout: number;
  readonly maxAnswerSize: number;
  readonly storeTimeout: number;
}

/** What one request has claimed. */
interface Claim {
  readonly id: string;
  readonly owner: string;
}

/**
 * Answers a request that comes again with its `Idempotency-Key` as it was answered the first time, without serving it: with
 * 409 while that one is still being served, with 422 where it asks for something else. An answer is whole, and kept, before
 * any of it leaves, whether or not its client is still there; one of 400 or more, or an error, gives the key back. Where
 * the store fails nothing is served: 503.
 *
 * Stands inside of what finds out who sends a request, and of what compresses.
 *
 * @throws TypeError for an option that is malformed.
 */
export function idempotency(options: IdempotencyOptions): Middleware {
  checkNames('idempotency', options, OPTIONS);
  const { scope, required = false, methods = ['POST', 'PATCH'], fingerprint = contentOf } = options;
  if (typeof scope !== 'function') throw optionError('idempotency: scope', 'a function', scope);
  if (typeof fingerprint !== 'function') throw optionError('idempotency: fingerprint', 'a function', fingerprint);
  if (typeof required !== 'boolean') throw optionError('idempotency: required', 'a boolean', required);
  if (!Array.isArray(methods)) throw optionError('idempotency: methods', 'a list of methods', methods);
  const plan = planOf(options);

  const serve = async (field: string | undefined, req: Request, res: Response, next: Next): Promise<void> => {
    const sender = await scope(req);
    if (sender === undefined) return next(req, res);
    const id = hashOf(sender, keyIn(field));
    // Read before the key is claimed: a client may take its time.
    const asked = hashOf(req.method, req.url.raw, await fingerprint(req));
    const claim = { id, owner: randomUUID() };
    const earlier = await claimFor(plan, claim, asked);
    if (earlier === undefined) return serveOnce(plan, claim, req, res, next);
    deliver(answerOf(earlier, asked), res);
  };

  // Named for the route table and for errors.
  return function idempotency(req, res, next) {
    if (!methods.includes(req.method)) return next(req, res);
    const field = req.headers.get('idempotency-key');
    return field === undefined && !required ? next(req, res) : serve(field, req, res, next);
  };
}

function planOf(options: IdempotencyOptions): Plan {
  const { store = new MemoryIdempotencyStore() } = options;
  if (typeof store?.claim !== 'function') throw optionError('idempotency: store', 'an IdempotencyStore', store);
  const whole = (name: 'maxAge' | 'lockTimeout' | 'maxAnswerSize' | 'storeTimeout', byDefault: number, most?: number) =>
    checkWhole(`idempotency: ${name}`, options[name] ?? byDefault, 1, most);
  return {
    store,
    maxAge: whole('maxAge', DAY),
    lockTimeout: whole('lockTimeout', 60_000),
    maxAnswerSize: whole('maxAnswerSize', 1_048_576),
    storeTimeout: whole('storeTimeout', 1000, MAX_TIMER_MS),
  };
}

async function contentOf(req: Request): Promise<string> {
  return createHash('sha256')
    .update(await req.bytes())
    .digest('base64url');
}

/** Of all parts, so that none can pass for a piece of another. */
function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

function keyIn(field: string | undefined): string {
  HttpError.assert(field !== undefined, 'The field Idempotency-Key is missing.', 400);
  const key = parseIdempotencyKey(field);
  const wanted = 'Idempotency-Key must be one string of 1 to 255 characters in double quotes, as "8e03978e".';
  HttpError.assert(key !== undefined, wanted, 400);
  return key;
}

/** Claims the key; gives the request that has it already. @throws HttpError 503 where the store fails. */
async function claimFor(
  { store, lockTimeout, storeTimeout }: Plan,
  { id, owner }: Claim,
  fingerprint: string,
): Promise<ClaimedRequest | undefined> {
  let claimed: Promise<ClaimedRequest | undefined> | undefined;
  try {
    return await withinStoreTime(storeTimeout, () => {
      claimed = store.claim(id, { owner, fingerprint, lockTimeout });
      return claimed;
    });
  } catch (cause) {
    // What comes too late would keep the client from trying again.
    claimed?.then(() => store.release(id, owner)).catch(() => {});
    throw new HttpError('Requests with an Idempotency-Key cannot be served at the moment.', 503, {
      cause,
      headers: { 'Retry-After': '1' },
    });
  }
}

/** What a request is answered that has come before. @throws HttpError 409 or 422. */
function answerOf(earlier: ClaimedRequest, asked: string): Answer {
  HttpError.assert(earlier.fingerprint === asked, 'This Idempotency-Key was used for another request.', 422);
  if (earlier.answer === undefined) {
    throw new HttpError('The request with this Idempotency-Key is still being served.', 409, {
      headers: { 'Retry-After': '1' },
    });
  }
  const answer = readAnswer(earlier.answer);
  HttpError.assert(answer !== undefined, 'This request was served, and its answer was too large to be kept.', 409);
  return answer;
}

/** Serves the request, keeps its answer, sends it. */
async function serveOnce(plan: Plan, claim: Claim, req: Request, res: Response, next: Next): Promise<void> {
  const answer = new HeldAnswer(plan.maxAnswerSize);
  const inner = new Response(answer, req.method, 0);
  answer.onFail = () => inner.destroy();
  const finish = async (): Promise<void> => {
    await settle(plan, claim, answer, req);
    if (answer.isComplete) deliver(answer, res);
  };
  // Nothing stops a handler: what it still answers is for the request that comes again.
  const finishLater = () => void inner.onFinish(() => void settle(plan, claim, answer, req));
  try {
    await next(req, inner);
    if (!(await hasEnded(inner, res))) return finishLater();
    if (answer.failure !== undefined) throw answer.failure;
  } catch (error) {
    if (isLate(error, req, res)) {
      finishLater();
    } else {
      inner.destroy();
      await finish();
    }
    throw error;
  }
  await finish();
  if (!answer.isComplete) res.destroy();
}

/** Sends `answer`, unless the client has left or its time was up. */
function deliver(answer: Answer, res: Response): void {
  if (!res.hasSent()) sendAnswer(answer, res);
}

/** Whether a time limit inside of this one has given up on a handler, which goes on. */
function isLate(error: unknown, req: Request, res: Response): boolean {
  return !res.hasSent() && req.isAborted && req.signal.reason === error;
}

/**
 * Ends an answer that its handler left open, as a server does, and waits for the end of one that is held open. Gives false
 * where nobody waits for that any more: `res` has ended before.
 */
function hasEnded(inner: Response, res: Response): Promise<boolean> {
  return new Promise((resolve) => {
    if (!inner.holdOpen && !inner.hasEnded()) {
      if (!inner.hasSent() && !inner.hasBody && !inner.hasStatus) inner.setStatus(204);
      inner.end();
    }
    inner.onFinish(() => resolve(true));
    res.onFinish(() => resolve(false));
  });
}

/** Keeps a good answer, and gives the key back otherwise. A store that fails keeps nobody from the answer. */
async function settle(plan: Plan, { id, owner }: Claim, answer: HeldAnswer, req: Request): Promise<void> {
  const { store, maxAge, maxAnswerSize, storeTimeout } = plan;
  try {
    if (!answer.isComplete || answer.status >= 400) {
      await withinStoreTime(storeTimeout, async () => store.release(id, owner));
      return;
    }
    const text = writeAnswer(answer, maxAnswerSize);
    if (await withinStoreTime(storeTimeout, () => store.keep(id, owner, text, maxAge))) return;
    req.logger.warn({ ref: req.id }, 'A request took longer than the lockTimeout of its Idempotency-Key');
  } catch (err) {
    req.logger.error({ err, ref: req.id }, 'The answer to a request with an Idempotency-Key could not be kept');
  }
}
