import {
  Body,
  Controller,
  CurrentSession,
  Delete,
  Doc,
  From,
  Get,
  Post,
  Reply,
  Returns,
  type Session,
  Status,
  Use,
} from 'luminaire';
import { SignInQuota } from '../middleware.js';
import { AccountService } from './account.service.js';
import { CurrentUser } from './current-user.js';
import { Credentials, User } from './user.js';

@Controller('/api', { scope: 'request' })
export class AccountController {
  constructor(private readonly accounts: AccountService) {}

  @Post('/users')
  @Returns(201, User)
  @Use(SignInQuota)
  async signUp(@Body(Credentials) credentials: Credentials, @From(CurrentSession) session: Session) {
    const user = await this.accounts.signUp(credentials);
    await session.regenerate({ user });
    return Reply.created('/api/session', user);
  }

  @Post('/session')
  @Doc({ responses: { 401: 'There is nobody of that name with that password.' } })
  @Returns(200, User)
  @Use(SignInQuota)
  async signIn(@Body(Credentials) credentials: Credentials, @From(CurrentSession) session: Session): Promise<User> {
    const user = await this.accounts.signIn(credentials);
    await session.regenerate({ user });
    return user;
  }

  @Get('/session')
  @Returns(200, User)
  whoAmI(@From(CurrentUser) user: User): User {
    return user;
  }

  @Delete('/session')
  @Status(204)
  signOut(@From(CurrentSession) session: Session): Promise<void> {
    return session.destroy();
  }
}
