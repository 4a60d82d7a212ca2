/** Somebody who uses the todos sample. */

import { randomUUID } from 'node:crypto';
import type { TestApp } from '../../../src/index.js';
import type { TestRequest } from '../../../src/testing/test-request.js';

export interface List {
  readonly id: number;
  readonly version: number;
}

export interface Todo {
  readonly id: number;
  readonly listId: number;
  readonly title: string;
  readonly isDone: boolean;
  readonly version: number;
}

export class TodosUser {
  readonly name: string;
  readonly #app: TestApp;
  readonly #cookie: string;

  constructor(app: TestApp, name: string, cookie: string) {
    this.#app = app;
    this.name = name;
    this.#cookie = cookie;
  }

  /** Signs up under a name that nobody has. */
  static async signUp(app: TestApp, prefix = 'user'): Promise<TodosUser> {
    const name = `${prefix}-${randomUUID().slice(0, 8)}`;
    const answer = await app.post('/api/users', { json: { name, password: 'correct horse' } });
    if (answer.status !== 201) throw new Error(`sign-up: ${answer.status} ${await answer.text()}`);
    return new TodosUser(app, name, cookieOf(answer));
  }

  send(method: string, url: string, request: TestRequest = {}): Promise<Response> {
    return this.#app.request(method, url, { ...request, headers: { cookie: this.#cookie, ...request.headers } });
  }

  /** @throws Error unless the answer is a success. */
  async json<T = unknown>(method: string, url: string, request?: TestRequest): Promise<T> {
    const answer = await this.send(method, url, request);
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  async status(method: string, url: string, request?: TestRequest): Promise<number> {
    const answer = await this.send(method, url, request);
    await answer.arrayBuffer();
    return answer.status;
  }

  addList(title = 'Home'): Promise<List> {
    return this.json('POST', '/api/lists', { json: { title } });
  }

  addTodo(list: List, title: string, notes?: string): Promise<Todo> {
    return this.json('POST', `/api/lists/${list.id}/todos`, { json: { title, ...(notes !== undefined && { notes }) } });
  }

  /** Follows the changes. Each call gives the next event. */
  async follow(lastEventId?: string): Promise<() => Promise<{ event: string; id: string; data: Change }>> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const { body } = await this.send('GET', '/api/changes', { headers });
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    return async () => {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end >= 0) {
          const event = parseEvent(text.slice(0, end));
          text = text.slice(end + 2);
          if (event !== undefined) return event;
          continue;
        }
        const { value, done } = await reader.read();
        if (done) throw new Error('The stream has ended');
        text += value;
      }
    };
  }
}

export interface Change {
  readonly by: string;
  readonly action: string;
  readonly subject: Readonly<Record<string, unknown>>;
}

export function cookieOf(answer: Response): string {
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** Gives `undefined` for a comment. */
function parseEvent(block: string) {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
  return fields.data === undefined
    ? undefined
    : { event: fields.event as string, id: fields.id as string, data: JSON.parse(fields.data) as Change };
}
