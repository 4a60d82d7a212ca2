import { HttpError, injectable, type Request, type Resolver, Security } from 'luminaire';
import { Accounts, type User } from './accounts.js';

/** Gives the user whom the Basic credentials of a request name (RFC 7617), or answers 401. */
@injectable()
@Security('basic', { type: 'http', scheme: 'basic' })
export class CurrentUser implements Resolver<User> {
  constructor(private readonly accounts: Accounts) {}

  async resolve(req: Request): Promise<User> {
    const [name, password] = credentialsOf(req.headers.get('authorization'));
    const user = await this.accounts.authenticate(name, password);
    if (user) return user;
    throw new HttpError('A user name and password are needed here.', 401, {
      headers: { 'WWW-Authenticate': 'Basic realm="auth sample", charset="UTF-8"' },
    });
  }
}

function credentialsOf(authorization = ''): [name: string, password: string] {
  const [scheme, token = ''] = authorization.split(' ', 2);
  if (scheme?.toLowerCase() !== 'basic') return ['', ''];
  const decoded = Buffer.from(token, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? ['', ''] : [decoded.slice(0, colon), decoded.slice(colon + 1)];
}
