import {
  Body,
  Controller,
  Delete,
  Doc,
  From,
  Get,
  Header,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Reply,
  Returns,
  Status,
} from 'luminaire';
import { z } from 'zod';
import { CurrentUser } from '../accounts/current-user.js';
import { type User, UserName } from '../accounts/user.js';
import { Idempotency, IdempotencyKey } from '../api/idempotency.js';
import { Page, Paging } from '../api/paging.js';
import { Id } from '../api/text.js';
import { STALE, withETag } from '../api/version.js';
import { Member, Membership, NewList, TodoList } from './list.js';
import { ListRepository } from './list.repository.js';
import { ListService } from './list.service.js';
import { type ListAccess, Owner, Viewer } from './list-access.js';

@Controller('/api/lists', { scope: 'request' })
@Doc({ responses: STALE })
export class ListController {
  constructor(
    private readonly service: ListService,
    private readonly lists: ListRepository,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @Returns(200, Page(TodoList))
  all(@From(CurrentUser) user: User, @Query(Paging) paging: Paging) {
    return this.lists.page(user, paging);
  }

  @Post()
  @Returns(201, TodoList)
  create(
    @From(CurrentUser) user: User,
    @Body(NewList) newList: NewList,
    @Header('idempotency-key?', IdempotencyKey) key?: string,
  ) {
    return this.idempotency.once({ user, key, request: ['list', newList] }, async () => {
      const list = await this.service.create(user, newList);
      return Reply.created(`/api/lists/${list.id}`, list);
    });
  }

  @Get('/:listId')
  @Returns(200, TodoList)
  async show(@Param('listId', Id) id: number, @From(Viewer) { user }: ListAccess) {
    return withETag(await this.service.find(user, id));
  }

  @Patch('/:listId')
  @Returns(200, TodoList)
  async rename(
    @Param('listId', Id) id: number,
    @From(Owner) { user }: ListAccess,
    @Body(NewList) newList: NewList,
    @Header('if-match?') ifMatch?: string,
  ) {
    return withETag(await this.service.rename(user, id, newList, ifMatch));
  }

  @Delete('/:listId')
  @Status(204)
  remove(@Param('listId', Id) id: number, @From(Owner) { user }: ListAccess, @Header('if-match?') ifMatch?: string) {
    return this.service.remove(user, id, ifMatch);
  }

  @Get('/:listId/members')
  @Returns(200, z.array(Member))
  members(@Param('listId', Id) id: number, @From(Viewer) _: ListAccess) {
    return this.lists.members(id);
  }

  @Put('/:listId/members/:name')
  @Returns(200, Member)
  share(
    @Param('listId', Id) id: number,
    @Param('name', UserName) name: string,
    @From(Owner) { user }: ListAccess,
    @Body(Membership) { role }: Membership,
  ) {
    return this.service.share(user, id, name, role);
  }

  @Delete('/:listId/members/:name')
  @Status(204)
  unshare(@Param('listId', Id) id: number, @Param('name', UserName) name: string, @From(Owner) { user }: ListAccess) {
    return this.service.unshare(user, id, name);
  }
}
