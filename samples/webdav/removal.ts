import { HttpError, injectable } from 'luminaire';
import { Gate, type Keys } from './gate.js';
import { Locks } from './locks.js';
import { type Failure, type Resource, Store } from './store.js';

/** Removes a resource with all that is in it, as far as that can be done (RFC 4918 §9.6.1). */
@injectable()
export class Removal {
  constructor(
    private readonly store: Store,
    private readonly locks: Locks,
    private readonly gate: Gate,
  ) {}

  /**
   * Members go first; what could not be removed is given, and no collection that it is in is removed.
   *
   * @throws HttpError where `resource` itself cannot be removed, and all in it could.
   */
  async remove(resource: Resource, keys: Keys): Promise<Failure[]> {
    const failures: Failure[] = [];
    if (resource.isCollection) {
      for await (const member of this.store.members(resource.path)) {
        failures.push(...(await this.#removeMember(member, keys)));
      }
    }
    if (failures.length > 0) return failures;
    await this.store.remove(resource.path);
    this.locks.releaseTree(resource.path);
    return [];
  }

  async #removeMember(member: Resource, keys: Keys): Promise<Failure[]> {
    const { path } = member;
    try {
      this.gate.refuseLocked(keys, path);
      return await this.remove(member, keys);
    } catch (error) {
      if (error instanceof HttpError) return [{ path, status: error.status }];
      throw error;
    }
  }
}
