import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { HttpError, Reply, requestScoped } from 'luminaire';
import { z } from 'zod';
import type { User } from '../accounts/user.js';
import { Transaction } from '../database/transaction.js';

/** What a client makes up for one POST, and sends again with it when it does not know whether that has arrived. */
export const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,100}$/);

interface Attempt {
  readonly user: User;
  readonly key: string | undefined;
  /** What is asked for: another request must not have the same key. */
  readonly request: readonly unknown[];
}

/** Sees to it that a POST that is sent twice has happened once. Keys are good for a day. */
@requestScoped()
export class Idempotency {
  constructor(private readonly transaction: Transaction) {}

  /**
   * Makes `change` and keeps its reply in one transaction; gives the reply that was kept where there is one.
   *
   * @throws HttpError 422 where the key was used for something else.
   */
  once<Body>(attempt: Attempt, change: () => Promise<Reply<201, Body>>): Promise<Reply<201, Body>> {
    const { user, key, request } = attempt;
    if (key === undefined) return this.transaction.run(change);
    return this.transaction.run(async () => {
      const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('base64url');
      if (!(await this.#claim(user, key, fingerprint))) return this.#replay(user, key, fingerprint);
      const reply = await change();
      const kept = JSON.stringify({ location: reply.headers.Location, body: reply.body });
      const keys = this.transaction.statements.updateTable('idempotencyKeys').set({ reply: kept });
      await keys.where('userId', '=', user.id).where('key', '=', key).execute();
      return reply;
    });
  }

  /** While another transaction has the key, this waits for its end. */
  async #claim(user: User, key: string, fingerprint: string): Promise<boolean> {
    const { statements } = this.transaction;
    const keys = statements.deleteFrom('idempotencyKeys').where('userId', '=', user.id);
    await keys.where('createdAt', '<', sql<string>`now() - interval '1 day'`).execute();
    const claimed = await statements
      .insertInto('idempotencyKeys')
      .values({ userId: user.id, key, fingerprint })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return claimed.numInsertedOrUpdatedRows === 1n;
  }

  async #replay<Body>(user: User, key: string, fingerprint: string): Promise<Reply<201, Body>> {
    const first = await this.transaction.statements
      .selectFrom('idempotencyKeys')
      .select(['fingerprint', 'reply'])
      .where('userId', '=', user.id)
      .where('key', '=', key)
      .executeTakeFirstOrThrow();
    HttpError.assert(first.fingerprint === fingerprint, 'This Idempotency-Key was used for another request.', 422);
    const { location, body } = first.reply as { readonly location: string; readonly body: Body };
    return Reply.created(location, body);
  }
}
