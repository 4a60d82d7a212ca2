import { Controller, From, Get, LastEventId, Param, Query, Returns, Signal, Sse } from 'luminaire';
import { CurrentUser } from '../accounts/current-user.js';
import type { User } from '../accounts/user.js';
import { Page, Paging } from '../api/paging.js';
import { Id } from '../api/text.js';
import { type ListAccess, Owner } from '../lists/list-access.js';
import { Change } from './change.js';
import { Journal } from './journal.js';
import { News } from './news.js';

@Controller('/api', { scope: 'request' })
export class ChangeController {
  constructor(
    private readonly journal: Journal,
    private readonly news: News,
  ) {}

  /** What happens on all lists of the user, as it happens. */
  @Sse('/changes')
  follow(@From(CurrentUser) user: User, @LastEventId() lastEventId: string | undefined, @Signal() signal: AbortSignal) {
    return this.news.of(user, { lastEventId, signal });
  }

  @Get('/lists/:listId/changes')
  @Returns(200, Page(Change))
  trail(@Param('listId', Id) listId: number, @From(Owner) _: ListAccess, @Query(Paging) paging: Paging) {
    return this.journal.page(listId, paging);
  }
}
