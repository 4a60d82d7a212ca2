import { HttpError, requestScoped } from 'luminaire';
import { hashPassword, isPassword } from './password.js';
import type { Credentials, User } from './user.js';
import { UserRepository } from './user.repository.js';

@requestScoped()
export class AccountService {
  constructor(private readonly users: UserRepository) {}

  async signUp({ name, password }: Credentials): Promise<User> {
    const user = await this.users.add(name, await hashPassword(password));
    HttpError.assert(user, `Somebody else is called ${name}.`, 409);
    return user;
  }

  async signIn({ name, password }: Credentials): Promise<User> {
    const found = await this.users.find(name);
    const isRight = await isPassword(password, found?.password);
    HttpError.assert(found && isRight, 'There is nobody of that name with that password.', 401);
    return { id: found.id, name: found.name };
  }
}
