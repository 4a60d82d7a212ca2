import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Controller, Doc, From, Get, Reply, type ServerSentEvent, Signal, Sse } from 'luminaire';
import type { User } from '../auth/accounts.js';
import { Activity } from './activity.js';
import { describeLocks, Locks } from './locks.js';
import { News } from './news.js';
import { SignedIn } from './signed-in.js';
import { Store } from './store.js';

const page = readFileSync(new URL('page.html', import.meta.url), 'utf8');

/** Shows what is going on, as it happens. */
@Controller()
export class PageController {
  /** Lets a page notice that the server it heard of before is another one now. */
  readonly #server = randomUUID();

  constructor(
    private readonly store: Store,
    private readonly activity: Activity,
    private readonly locks: Locks,
    private readonly news: News,
  ) {}

  @Get('/')
  @Doc({ responses: { 200: { description: 'The page.', type: 'text/html' } } })
  show(@From(SignedIn) _user: User): Reply {
    return new Reply(200, page, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy':
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'",
    });
  }

  /** First all that is known, then each thing that happens. */
  @Sse('/events')
  async *events(@From(SignedIn) user: User, @Signal() gone: AbortSignal): AsyncGenerator<ServerSentEvent> {
    const news = this.news.follow(gone);
    const known = { server: this.#server, store: this.store.description, user: user.name, now: Date.now() };
    yield { event: 'hello', data: known };
    yield { event: 'locks', data: describeLocks(this.locks.all()) };
    for (const entry of [...this.activity.recent].reverse()) yield { event: 'request', data: entry };
    yield* news;
  }
}
