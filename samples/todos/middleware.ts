import { Doc, health, injectable, type Middleware, type MiddlewareInstance, rateLimit, session } from 'luminaire';
import { DatabaseSessionStore } from './accounts/session.store.js';
import { Database } from './database/database.js';
import { Settings } from './settings.js';

/** Middleware that is made of what was injected into it. */
abstract class Made implements MiddlewareInstance {
  readonly #middleware: Middleware;

  constructor(middleware: Middleware) {
    this.#middleware = middleware;
  }

  handle(...request: Parameters<Middleware>): void | Promise<void> {
    return this.#middleware(...request);
  }
}

/** `/livez` and `/readyz`. */
@injectable()
export class Probes extends Made {
  constructor(database: Database) {
    super(health({ checks: { database: () => database.isThere() } }));
  }
}

@injectable()
export class Sessions extends Made {
  constructor(store: DatabaseSessionStore) {
    super(session({ store }));
  }
}

/** Around everything. */
@injectable()
export class Quota extends Made {
  constructor({ quota }: Settings) {
    super(rateLimit({ quota }));
  }
}

/** Around what a guesser of passwords would try. */
@injectable()
@Doc({ responses: { 429: 'Too many attempts.' } })
export class SignInQuota extends Made {
  constructor({ signInQuota }: Settings) {
    super(rateLimit({ name: 'sign-in', quota: signInQuota }));
  }
}
