import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export interface User {
  readonly name: string;
}

interface Account {
  readonly user: User;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const HASH_BYTES = 32;
const hashOf = promisify<string, Buffer, number, Buffer>(scrypt);

/** Keeps who may sign in, their passwords as scrypt hashes. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  /** Compared with for a name that nobody has, so that the time taken tells nothing about names. */
  readonly #nobody: Account = {
    user: { name: '' },
    salt: randomBytes(16),
    hash: randomBytes(HASH_BYTES),
  };

  /** Runs before the application listens. */
  async onStart(): Promise<void> {
    await this.add('ada', 'lovelace');
  }

  async add(name: string, password: string): Promise<void> {
    const salt = randomBytes(16);
    this.#accounts.set(name, { user: { name }, salt, hash: await hashOf(password, salt, HASH_BYTES) });
  }

  /** Returns the user with this name and password. Takes the same time whatever is wrong. */
  async authenticate(name: string, password: string): Promise<User | undefined> {
    const account = this.#accounts.get(name) ?? this.#nobody;
    const matches = timingSafeEqual(await hashOf(password, account.salt, HASH_BYTES), account.hash);
    return matches && account !== this.#nobody ? account.user : undefined;
  }
}
