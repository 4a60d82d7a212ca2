import { sql } from 'kysely';
import { requestScoped } from 'luminaire';
import { Transaction } from '../database/transaction.js';
import type { User } from './user.js';

/** Knows who has signed up. `Ada` and `ada` are one name. */
@requestScoped()
export class UserRepository {
  constructor(private readonly transaction: Transaction) {}

  /** Gives `undefined` where the name is taken. */
  async add(name: string, password: string): Promise<User | undefined> {
    const users = this.transaction.statements.insertInto('users').values({ name, password });
    return users
      .onConflict((conflict) => conflict.doNothing())
      .returning(['id', 'name'])
      .executeTakeFirst();
  }

  async find(name: string): Promise<(User & { readonly password: string }) | undefined> {
    const users = this.transaction.statements.selectFrom('users').select(['id', 'name', 'password']);
    return users.where(sql`lower(name)`, '=', sql`lower(${name})`).executeTakeFirst();
  }
}
