import { HttpError, type Request, type Resolver, Security, sessionOf } from 'luminaire';
import type { User } from './user.js';

/** Gives who has signed in, or answers 401. */
@Security('session', { type: 'apiKey', in: 'cookie', name: 'session' })
export class CurrentUser implements Resolver<User> {
  async resolve(req: Request): Promise<User> {
    const { user } = (await sessionOf(req)).values;
    HttpError.assert(user, 'Sign in first.', 401);
    return user;
  }
}
