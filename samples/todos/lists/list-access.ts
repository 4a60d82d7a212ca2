import { type Class, Doc, HttpError, type Request, type Resolver, requestScoped } from 'luminaire';
import { CurrentUser } from '../accounts/current-user.js';
import type { User } from '../accounts/user.js';
import { Id } from '../api/text.js';
import { Role } from './list.js';
import { ListRepository } from './list.repository.js';

/** Somebody who may do what is asked for with a list. */
export interface ListAccess {
  readonly user: User;
  readonly listId: number;
  readonly role: Role;
}

/**
 * Makes the resolver that lets in whoever has `least` or a role above, in the list that the path names, or whose todo it
 * names. Strangers are answered 404, lesser members 403.
 */
function access(least: Role): Class<Resolver<ListAccess>> {
  @requestScoped()
  @Doc({ responses: { 403: 'It takes a higher role.', 404: 'It is not there, or not for this user.' } })
  class HasAccess implements Resolver<ListAccess> {
    constructor(
      private readonly currentUser: CurrentUser,
      private readonly lists: ListRepository,
    ) {}

    async resolve(req: Request): Promise<ListAccess> {
      const user = await this.currentUser.resolve(req);
      const of = 'todoId' in req.params ? 'todo' : 'list';
      const id = Id.safeParse(req.params[`${of}Id`]);
      const membership = id.success ? await this.lists.membership(user, of, id.data) : undefined;
      HttpError.assert(membership, `There is no such ${of}.`, 404);
      HttpError.assert(rank(membership.role) >= rank(least), `This is for who is ${least} of the list.`, 403);
      return { user, ...membership };
    }
  }
  return HasAccess;
}

const rank = (role: Role): number => Role.options.indexOf(role);

export const Viewer = access('viewer');
export const Editor = access('editor');
export const Owner = access('owner');
