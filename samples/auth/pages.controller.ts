import { Controller, From, Get } from 'luminaire';
import type { User } from './accounts.js';
import { CurrentUser } from './current-user.js';

@Controller()
export class PagesController {
  @Get('/')
  open(): string {
    return 'Everybody may read this. /protected asks who you are: ada, with the password lovelace.';
  }

  @Get('/protected')
  protected(@From(CurrentUser) user: User): string {
    return `Only for you, ${user.name}.`;
  }
}
