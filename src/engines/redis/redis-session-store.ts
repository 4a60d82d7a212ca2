/** Keeps sessions in Redis, for all processes of an application. */

import { HttpError } from '../../http/http-error.js';
import { MAX_TIMER_MS } from '../../http/time-limit.js';
import { checkNames, checkWhole, optionError } from '../../middleware/option-error.js';
import type { SessionStore, SessionStoring } from '../../middleware/session/stored-session.js';
import { withinStoreTime } from '../../middleware/store-time.js';
import { type RedisClient, sendCommand } from './redis-client.js';

/** Where its keys are, and how long Redis is waited for. */
export interface RedisSessionStoreOptions {
  /** What the names of its keys begin with. Default `session:`. */
  readonly prefix?: string;
  /** Milliseconds after which Redis counts as away. Default 1000. */
  readonly timeout?: number;
}

/**
 * A {@link SessionStore} over Redis: a session is one key, which Redis forgets when its time is up. Where Redis is away, the
 * requests that ask for their session are answered 503, and nobody is taken for somebody without one.
 */
export class RedisSessionStore implements SessionStore {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #timeout: number;

  /** `client` is connected, and closed, by the application. @throws TypeError for an option that is malformed. */
  constructor(client: RedisClient, options: RedisSessionStoreOptions = {}) {
    checkNames('RedisSessionStore', options, ['prefix', 'timeout']);
    const { prefix = 'session:', timeout = 1000 } = options;
    if (typeof prefix !== 'string') throw optionError('RedisSessionStore: prefix', 'a string', prefix);
    this.#client = client;
    this.#prefix = prefix;
    this.#timeout = checkWhole('RedisSessionStore: timeout', timeout, 1, MAX_TIMER_MS);
  }

  /** @throws HttpError 503 where Redis does not answer. */
  async get(id: string): Promise<string | undefined> {
    const content = await this.#send('GET', this.#prefix + id);
    return typeof content === 'string' ? content : undefined;
  }

  /** @throws HttpError 503 where Redis does not answer. */
  async set(id: string, content: string, { maxAge, isNew }: SessionStoring): Promise<boolean> {
    const known = isNew ? [] : ['XX'];
    return (await this.#send('SET', this.#prefix + id, content, 'EX', String(maxAge), ...known)) !== null;
  }

  /** @throws HttpError 503 where Redis does not answer. */
  async destroy(id: string): Promise<void> {
    await this.#send('DEL', this.#prefix + id);
  }

  async #send(name: string, ...args: string[]): Promise<unknown> {
    try {
      return await withinStoreTime(this.#timeout, async () => sendCommand(this.#client, name, ...args));
    } catch (cause) {
      throw new HttpError('Sessions are not available at the moment.', 503, { cause, headers: { 'Retry-After': '1' } });
    }
  }
}
