/** The tests of the todos sample, for whatever database it stands on. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountController } from '../../../samples/todos/accounts/account.controller.js';
import { CurrentUser } from '../../../samples/todos/accounts/current-user.js';
import { options } from '../../../samples/todos/app.js';
import { Database } from '../../../samples/todos/database/database.js';
import { ListRepository } from '../../../samples/todos/lists/list.repository.js';
import { TodoRepository } from '../../../samples/todos/todos/todo.repository.js';
import { checkApp, type TestApp } from '../../../src/index.js';
import { TodosPlace } from './todos-app.js';
import { cookieOf, type List, type Todo, TodosUser } from './todos-user.js';

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** `databaseUrl` gives the address of an empty database, or `undefined` for the embedded one. */
export function testTodos(title: string, databaseUrl: () => Promise<string | undefined>): void {
  describe(`the todos sample on ${title}`, () => {
    let place: TodosPlace;
    let app: TestApp;
    let ada: TodosUser;
    let bob: TodosUser;
    let list: List;

    beforeAll(async () => {
      place = await TodosPlace.make(await databaseUrl());
      app = await place.setup().test();
      [ada, bob] = [await TodosUser.signUp(app, 'ada'), await TodosUser.signUp(app, 'bob')];
      list = await ada.addList();
    }, 120_000);
    afterAll(async () => {
      await app?.[Symbol.asyncDispose]();
      await place?.[Symbol.asyncDispose]();
    });

    const share = (role: string, to = bob, of = list) =>
      ada.json('PUT', `/api/lists/${of.id}/members/${to.name}`, { json: { role } });

    describe('its start', () => {
      it('is proved without a finding', () => {
        expect(checkApp(options)).toEqual({ errors: [], warnings: [] });
      });

      it('reports each migration', () => {
        expect(place.reports.filter((line) => /migration/.test(line))).toEqual(
          ['001 accounts', '002 lists', '003 todos', '004 changes', '005 imports'].map(
            (name, i) => `database: migration ${i + 1} of 5, ${name}`,
          ),
        );
      });

      it('is ready where the database answers', async () => {
        expect(await (await app.get('/readyz')).json()).toEqual({ status: 'ok', checks: { database: 'ok' } });
      });
    });

    describe('accounts', () => {
      it('keep a name for one user, in any case', async () => {
        const json = { name: ada.name.toUpperCase(), password: 'another one' };
        expect((await app.post('/api/users', { json })).status).toBe(409);
      });

      it('sign in by name and password, and out for good', async () => {
        const accounts = app.of(AccountController);
        expect((await accounts.signIn({ name: ada.name, password: 'wrong horse' })).status).toBe(401);
        expect((await accounts.signIn({ name: 'nobody', password: 'wrong horse' })).status).toBe(401);
        const answer = await accounts.signIn({ name: ada.name, password: 'correct horse' });
        expect(await answer.json()).toEqual({ id: expect.any(Number), name: ada.name });
        expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax/);
        const here = new TodosUser(app, ada.name, cookieOf(answer));
        expect(await here.status('GET', '/api/session')).toBe(200);
        expect(await here.status('DELETE', '/api/session')).toBe(204);
        expect(await here.status('GET', '/api/session')).toBe(401);
        expect(await ada.status('GET', '/api/session')).toBe(200);
      });

      it('give a new session to who signs in again', async () => {
        const signIn = (cookie: string) =>
          app.post('/api/session', { json: { name: ada.name, password: 'correct horse' }, headers: { cookie } });
        const first = cookieOf(await signIn(''));
        const second = cookieOf(await signIn(first));
        expect(second).not.toBe(first);
        expect((await app.get('/api/session', { headers: { cookie: first } })).status).toBe(401);
      });

      it.each([
        ['GET', '/api/lists'],
        ['GET', '/api/changes'],
        ['POST', '/api/lists/1/todos'],
        ['GET', '/api/todos/1'],
        ['POST', '/api/todos/1/attachments'],
      ])('are needed for %s %s', async (method, url) => {
        expect((await app.request(method, url)).status).toBe(401);
      });

      it('keep the hash of a password, with a salt', async () => {
        const { statements } = app.app.container.resolve(Database);
        const rows = await statements.selectFrom('users').select('password').execute();
        expect(new Set(rows.map(({ password }) => password)).size).toBe(rows.length);
        for (const { password } of rows) expect(Buffer.from(password, 'base64').length).toBe(48);
      });
    });

    describe('lists', () => {
      it('are nobody else’s affair', async () => {
        const other = await TodosUser.signUp(app);
        for (const method of ['GET', 'PATCH', 'DELETE']) {
          expect(await other.status(method, `/api/lists/${list.id}`, { json: { title: 'x' } })).toBe(404);
        }
        const todo = await ada.addTodo(list, 'Secret');
        expect(await other.status('GET', `/api/todos/${todo.id}`)).toBe(404);
        expect(await other.status('GET', `/api/todos/${todo.id}/comments`)).toBe(404);
        expect((await other.json<Page<List>>('GET', '/api/lists')).items).toEqual([]);
      });

      it.each([
        ['viewer', { read: 200, comment: 201, write: 403, trail: 403, share: 403 }],
        ['editor', { read: 200, comment: 201, write: 201, trail: 403, share: 403 }],
        ['owner', { read: 200, comment: 201, write: 201, trail: 200, share: 200 }],
      ])('let a %s do what the role says', async (role, may) => {
        const [todo, other] = [await ada.addTodo(list, 'Shared'), await TodosUser.signUp(app)];
        await share(role, other);
        const url = `/api/lists/${list.id}`;
        expect({
          read: await other.status('GET', `${url}/todos`),
          comment: await other.status('POST', `/api/todos/${todo.id}/comments`, { json: { text: 'Hm' } }),
          write: await other.status('POST', `${url}/todos`, { json: { title: 'Mine' } }),
          trail: await other.status('GET', `${url}/changes`),
          share: await other.status('PUT', `${url}/members/${bob.name}`, { json: { role: 'viewer' } }),
        }).toEqual(may);
        await ada.json('DELETE', `${url}/members/${other.name}`);
        expect(await other.status('GET', `${url}/todos`)).toBe(404);
      });

      it('keep an owner', async () => {
        expect(await ada.status('DELETE', `/api/lists/${list.id}/members/${ada.name}`)).toBe(409);
        expect(await ada.status('DELETE', `/api/lists/${list.id}/members/nobody`)).toBe(404);
        expect(await ada.status('DELETE', `/api/lists/${list.id}/members/a%00b`)).toBe(400);
      });

      it('are renamed and removed by who has seen their latest state', async () => {
        const own = await ada.addList('Old');
        const url = `/api/lists/${own.id}`;
        const rename = (headers: Record<string, string>) => ada.send('PATCH', url, { json: { title: 'New' }, headers });
        expect((await rename({})).status).toBe(428);
        const renamed = await rename({ 'if-match': '"1"' });
        expect([renamed.status, renamed.headers.get('etag')]).toEqual([200, '"2"']);
        expect((await rename({ 'if-match': '"1"' })).status).toBe(412);
        expect(await ada.status('DELETE', url, { headers: { 'if-match': '"1"' } })).toBe(412);
        expect(await ada.status('DELETE', url, { headers: { 'if-match': '"2"' } })).toBe(204);
        expect(await ada.status('GET', url)).toBe(404);
      });

      it('come in pages that join without a gap', async () => {
        const user = await TodosUser.signUp(app);
        const ids: number[] = [];
        for (let i = 0; i < 5; i++) ids.unshift((await user.addList(`List ${i}`)).id);
        const seen: number[] = [];
        let after = '';
        for (let pages = 0; pages < 3; pages++) {
          const page = await user.json<Page<List>>('GET', `/api/lists?limit=2${after}`);
          seen.push(...page.items.map(({ id }) => id));
          expect(page.next === undefined).toBe(pages === 2);
          after = `&after=${page.next}`;
        }
        expect(seen).toEqual(ids);
        expect(await user.status('GET', '/api/lists?after=nonsense')).toBe(400);
        expect(await user.status('GET', '/api/lists?limit=101')).toBe(400);
      });
    });

    describe('todos', () => {
      it('are found by the beginnings of their words, and by their state', async () => {
        const own = await ada.addList('Search');
        await ada.addTodo(own, 'Buy milk', 'two litres');
        const bread = await ada.addTodo(own, 'Bake bread');
        await ada.addTodo(own, 'Öl wechseln');
        const headers = { 'if-match': '"1"' };
        await ada.json('PATCH', `/api/todos/${bread.id}`, { json: { isDone: true }, headers });
        const find = async (query: string) => {
          const url = `/api/lists/${own.id}/todos?${query}`;
          return (await ada.json<Page<Todo>>('GET', url)).items.map(({ title }) => title);
        };
        expect(await find('q=mil')).toEqual(['Buy milk']);
        expect(await find('q=BU%20litr')).toEqual(['Buy milk']);
        expect(await find('q=%C3%B6l')).toEqual(['Öl wechseln']);
        expect(await find('q=milk%20bread')).toEqual([]);
        expect(await find(`q=${encodeURIComponent(`'):*!&|<->\\%_`)}`)).toHaveLength(3);
        expect(await find('state=done')).toEqual(['Bake bread']);
        expect(await find('state=open')).toEqual(['Öl wechseln', 'Buy milk']);
      });

      it('are not changed by who has not seen what somebody else has done', async () => {
        // Several times: a pool of connections is not there at once.
        for (let round = 0; round < 6; round++) {
          const todo = await ada.addTodo(list, 'Contested');
          const change = (title: string) =>
            ada.status('PATCH', `/api/todos/${todo.id}`, { json: { title }, headers: { 'if-match': '"1"' } });
          const statuses = await Promise.all(Array.from({ length: 8 }, (_none, i) => change(`By ${i}`)));
          expect(statuses.filter((status) => status === 200)).toHaveLength(1);
          expect(statuses.filter((status) => status === 412)).toHaveLength(7);
          const now = await ada.json<Todo>('GET', `/api/todos/${todo.id}`);
          expect(now).toMatchObject({ version: 2, title: `By ${statuses.indexOf(200)}` });
        }
      });

      it('are not sent again to who has them', async () => {
        const todo = await ada.addTodo(list, 'Cached');
        const headers = { 'if-none-match': '"1"' };
        expect(await ada.status('GET', `/api/todos/${todo.id}`, { headers })).toBe(304);
        await ada.json('PATCH', `/api/todos/${todo.id}`, { json: {}, headers: { 'if-match': '"1"' } });
        expect(await ada.status('GET', `/api/todos/${todo.id}`, { headers })).toBe(200);
      });

      it('are made once, however often and at once a key is sent', async () => {
        const own = await ada.addList('Once');
        const request = { json: { title: 'Once' }, headers: { 'idempotency-key': 'key-1' } };
        const send = () => ada.send('POST', `/api/lists/${own.id}/todos`, request);
        const answers = await Promise.all([send(), send(), send(), send()]);
        const bodies = await Promise.all(answers.map((answer) => answer.json()));
        for (const body of bodies) expect(body).toEqual(bodies[0]);
        for (const answer of answers)
          expect(answer.headers.get('location')).toBe(`/api/todos/${(bodies[0] as Todo).id}`);
        expect((await ada.json<Page<Todo>>('GET', `/api/lists/${own.id}/todos`)).items).toHaveLength(1);
        const other = { ...request, json: { title: 'Other' } };
        expect(await ada.status('POST', `/api/lists/${own.id}/todos`, other)).toBe(422);
        await ada.json('PUT', `/api/lists/${own.id}/members/${bob.name}`, { json: { role: 'editor' } });
        expect(await bob.status('POST', `/api/lists/${own.id}/todos`, other)).toBe(201);
      });

      it.each([
        ['a blank title', { title: '  ' }, '/title'],
        ['two lines', { title: 'a\nb' }, '/title'],
        ['a NUL', { title: 'a\0' }, '/title'],
        ['half a character', { title: '\ud83d' }, '/title'],
        ['notes that are too long', { title: 'a', notes: 'x'.repeat(10_001) }, '/notes'],
      ])('are refused with %s', async (_title, json, pointer) => {
        const answer = await ada.send('POST', `/api/lists/${list.id}/todos`, { json });
        expect(answer.status).toBe(422);
        expect(await answer.json()).toMatchObject({ errors: [{ in: 'body', pointer }] });
      });

      it.each(['0', '-1', 'x', '2147483648', '1e3000', '%00'])('are not there for the id %s', async (id) => {
        expect([400, 404]).toContain(await ada.status('GET', `/api/todos/${id}`));
      });

      it('are kept whole or not at all', async () => {
        const own = await ada.addList('Whole');
        // The same database: what fails is the last step.
        const { statements } = app.app.container.resolve(Database);
        await using failing = await place
          .setup()
          .with(Database, { statements, isThere: async () => true })
          .with(TodoRepository, {
            add: async () => {
              throw new Error('no room');
            },
          })
          .test();
        const cookie = cookieOf(
          await failing.post('/api/session', { json: { name: ada.name, password: 'correct horse' } }),
        );
        const user = new TodosUser(failing, ada.name, cookie);
        const headers = { 'idempotency-key': 'whole' };
        expect(await user.status('POST', `/api/lists/${own.id}/todos`, { json: { title: 'a' }, headers })).toBe(500);
        // The key was given back with everything else.
        expect(await ada.status('POST', `/api/lists/${own.id}/todos`, { json: { title: 'a' }, headers })).toBe(201);
      });
    });

    describe('attachments', () => {
      const send = (todo: Todo, content: Uint8Array | string, name: string, type = 'text/plain') => {
        const form = new FormData();
        form.append('file', new Blob([content], { type }), name);
        return ada.send('POST', `/api/todos/${todo.id}/attachments`, { form });
      };

      it('come back as they were sent, as a download', async () => {
        const todo = await ada.addTodo(list, 'With a file');
        const content = Buffer.alloc(300_000, 'abc');
        const added = await send(todo, content, `<é'*>.html`, 'text/html');
        expect(added.status).toBe(201);
        const answer = await ada.send('GET', added.headers.get('location')!);
        expect(answer.headers.get('content-disposition')).toBe(`attachment; filename*=UTF-8''%3C%C3%A9%27%2a%3E.html`);
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
        expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
        const part = await ada.send('GET', added.headers.get('location')!, { headers: { range: 'bytes=1-3' } });
        expect([part.status, await part.text()]).toEqual([206, 'bca']);
      });

      it('are refused over 10 MB, and leave nothing', async () => {
        const todo = await ada.addTodo(list, 'Too large');
        const before = await readdir(join(place.folder, 'files'));
        expect((await send(todo, new Uint8Array(10_000_001), 'a.bin')).status).toBe(413);
        expect(await readdir(join(place.folder, 'files'))).toEqual(before);
      });
    });

    describe('changes', () => {
      it('are told to the members of a list, and to nobody else', async () => {
        const own = await ada.addList('Live');
        await share('editor', bob, own);
        const [adaHears, bobHears] = [await ada.follow(), await bob.follow()];
        await ada.addTodo(await ada.addList('Private'), 'Hidden');
        const todo = await bob.addTodo(own, 'Told');
        const event = await bobHears();
        expect(event.data).toMatchObject({ by: bob.name, action: 'todo.created', subject: { title: 'Told' } });
        let heard = await adaHears();
        while (heard.data.by !== bob.name) heard = await adaHears();
        expect(heard.data).toEqual(event.data);
        // From where the client left off.
        await ada.json('POST', `/api/todos/${todo.id}/comments`, { json: { text: 'Seen' } });
        const again = await (await bob.follow(event.id))();
        expect(again.data).toMatchObject({ by: ada.name, action: 'comment.created' });
        expect((await (await bob.follow('an old id'))()).event).toBe('gap');
      });

      it('are kept for the owner, the latest first', async () => {
        const own = await ada.addList('Trail');
        const todo = await ada.addTodo(own, 'a');
        await ada.json('DELETE', `/api/todos/${todo.id}`, { headers: { 'if-match': '"1"' } });
        const { items } = await ada.json<Page<{ action: string; by: string }>>('GET', `/api/lists/${own.id}/changes`);
        expect(items.map(({ action }) => action)).toEqual(['todo.removed', 'todo.created', 'list.created']);
        expect(new Set(items.map(({ by }) => by))).toEqual(new Set([ada.name]));
      });
    });

    describe('imports', () => {
      const send = (own: List, text: string) => {
        const form = new FormData();
        form.append('file', new Blob([text]), 'todos.txt');
        return ada.send('POST', `/api/lists/${own.id}/imports`, { form });
      };

      it('tell how far they are, and import each line once', async () => {
        const own = await ada.addList('Import');
        const hears = await ada.follow();
        const lines = Array.from({ length: 250 }, (_none, i) => `Line ${i}`);
        const answer = await send(own, `${lines.join('\r\n')}\n\n`);
        expect([answer.status, await answer.json()]).toEqual([202, expect.objectContaining({ done: 0, total: 250 })]);
        const progress: unknown[] = [];
        while (progress.length < 3) {
          const { data } = await hears();
          if (data.action === 'import.progressed') progress.push(data.subject.done);
        }
        expect(progress).toEqual([100, 200, 250]);
        expect(await ada.json('GET', answer.headers.get('location')!)).toMatchObject({ done: 250, total: 250 });
        const { statements } = app.app.container.resolve(Database);
        const rows = await statements.selectFrom('todos').select('title').where('listId', '=', own.id).execute();
        expect(rows.map(({ title }) => title).sort()).toEqual(lines.sort());
      });

      it('are refused whole for one bad line', async () => {
        const own = await ada.addList('Bad import');
        const answer = await send(own, `good\n${'x'.repeat(201)}`);
        expect([answer.status, await answer.json()]).toEqual([
          422,
          expect.objectContaining({ detail: expect.stringContaining('Entry 2') }),
        ]);
        expect((await ada.json<Page<Todo>>('GET', `/api/lists/${own.id}/todos`)).items).toEqual([]);
      });
    });

    describe('parts of it', () => {
      it('can be replaced in a test', async () => {
        const { statements } = app.app.container.resolve(Database);
        const user = { id: 1, name: 'double' };
        const someList = {
          id: 7,
          title: 'A double',
          role: 'owner' as const,
          version: 3,
          createdAt: '2026-01-01T00:00:00Z',
        };
        await using replaced = await place
          .setup()
          .with(Database, { statements, isThere: async () => false })
          .with(CurrentUser, { resolve: async () => user })
          .with(ListRepository, {
            find: async () => someList,
            membership: async () => ({ listId: 7, role: 'owner' }),
          })
          .test();
        const answer = await replaced.get('/api/lists/7');
        expect([answer.headers.get('etag'), await answer.json()]).toEqual(['"3"', someList]);
        expect((await replaced.get('/readyz')).status).toBe(503);
      });

      it('limit how often somebody may guess a password', async () => {
        const { statements } = app.app.container.resolve(Database);
        const setup = place.setup({ signInQuota: 2 });
        await using limited = await setup.with(Database, { statements, isThere: async () => true }).test();
        const guess = () => limited.post('/api/session', { json: { name: ada.name, password: 'wrong horse' } });
        expect([(await guess()).status, (await guess()).status, (await guess()).status]).toEqual([401, 401, 429]);
        expect((await limited.get('/api/session')).status).toBe(401);
      });

      it('refuse what another site makes a browser send', async () => {
        const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
        expect(await ada.status('POST', '/api/lists', { json: { title: 'Evil' }, headers })).toBe(403);
      });
    });

    it('keeps everything over a restart', async () => {
      const todo = await ada.addTodo(list, 'Kept');
      const cookie = cookieOf(await app.post('/api/session', { json: { name: ada.name, password: 'correct horse' } }));
      await app[Symbol.asyncDispose]();
      place.reports.length = 0;
      app = await place.setup().test();
      expect(place.reports.filter((line) => /migration/.test(line))).toEqual([]);
      const user = new TodosUser(app, ada.name, cookie);
      expect(await user.json('GET', `/api/todos/${todo.id}`)).toEqual(todo);
    }, 60_000);

    it('has answered no error that it did not mean to', async () => {
      await sleep(0);
      expect(place.log.filter(({ level, fields }) => level === 'error' && !/no room/.test(String(fields.err)))).toEqual(
        [],
      );
    });
  });
}
