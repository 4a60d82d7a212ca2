import { createHmac, randomBytes } from 'node:crypto';
import { injectable, type Request, type Resolver } from 'luminaire';
import type { User } from '../auth/accounts.js';
import { CurrentUser } from '../auth/current-user.js';

declare module 'luminaire' {
  interface RequestState {
    /** Who sent the request, once that is known. */
    user?: User;
  }
}

/** How long credentials that were right are taken for right, in ms. */
const REMEMBERED_MS = 300_000;

/** Most credentials that are remembered. */
const MAX_REMEMBERED = 1_000;

interface Remembered {
  /** Settled, or being found out: requests that come together are checked once. */
  readonly user: Promise<User>;
  /** In ms since 1970. */
  readonly until: number;
}

/**
 * Gives the user whom a request names, or answers 401. WebDAV clients send the password with each of thousands of
 * requests, and checking it is slow on purpose: right ones are remembered for a while, as a keyed hash.
 */
@injectable()
export class SignedIn implements Resolver<User> {
  readonly #key = randomBytes(32);
  readonly #remembered = new Map<string, Remembered>();

  constructor(private readonly currentUser: CurrentUser) {}

  async resolve(req: Request): Promise<User> {
    const credentials = req.headers.get('authorization') ?? '';
    const hash = createHmac('sha256', this.#key).update(credentials).digest('base64');
    const known = this.#remembered.get(hash);
    const user = await (known !== undefined && known.until > Date.now() ? known.user : this.#authenticate(req, hash));
    req.state.user = user;
    return user;
  }

  #authenticate(req: Request, hash: string): Promise<User> {
    const user = this.currentUser.resolve(req);
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size >= MAX_REMEMBERED) this.#remembered.delete(oldest);
    this.#remembered.set(hash, { user, until: Date.now() + REMEMBERED_MS });
    user.catch(() => this.#remembered.delete(hash));
    return user;
  }
}
