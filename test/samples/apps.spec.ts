import { describe, expect, it } from 'vitest';
import { options as auth } from '../../samples/auth/app.js';
import { CurrentUser } from '../../samples/auth/current-user.js';
import { PagesController } from '../../samples/auth/pages.controller.js';
import { options as hello } from '../../samples/hello/app.js';
import { Greeter } from '../../samples/hello/greeter.js';
import { HelloController } from '../../samples/hello/hello.controller.js';
import { options as live } from '../../samples/live/app.js';
import { options as upnp } from '../../samples/upnp/app.js';
import { options as webdav } from '../../samples/webdav/app.js';
import { checkApp, createApp } from '../../src/index.js';

describe('the applications of the samples', () => {
  it.each([
    ['hello', hello],
    ['auth', auth],
    ['upnp', upnp],
    ['live', live],
    ['webdav', webdav],
  ])('%s is proved without a finding', (_name, options) => {
    expect(checkApp(options)).toEqual({ errors: [], warnings: [] });
  });

  it('greet as a double does', async () => {
    const app = createApp({ ...hello, use: [] });
    await using t = await app.with(Greeter, { greet: (name) => `Ahoy ${name}` }).test();
    expect(await (await t.of(HelloController).byPath('Jörg')).text()).toBe('Ahoy Jörg');
    expect(await (await t.of(HelloController).byBody({ name: 'Ada' })).text()).toBe('Ahoy Ada');
  });

  it('show everybody where the others point', async () => {
    await using t = await createApp({ ...live, use: [] }).test();
    const ada = await t.webSocket('/cursors?name=Ada');
    const heard = ada[Symbol.asyncIterator]();
    const hear = async () => JSON.parse(String((await heard.next()).value)) as unknown;
    expect(await hear()).toMatchObject({ kind: 'welcome', you: { name: 'Ada' }, others: [] });
    const bob = await t.webSocket('/cursors?name=Bob');
    expect(await hear()).toMatchObject({ kind: 'came', visitor: { name: 'Bob' } });
    void bob.json({ x: 0.5, y: 1 });
    expect(await hear()).toMatchObject({ kind: 'moved', at: { x: 0.5, y: 1 } });
    void bob.json({ x: 2, y: 1 });
    expect((await bob.closed).code).toBe(1008);
    expect(await hear()).toMatchObject({ kind: 'left' });
    await expect(t.webSocket('/cursors')).rejects.toThrow('was answered 400');
  });

  it('let in whom a double lets in', async () => {
    const app = createApp({ ...auth, use: [] });
    await using t = await app.with(CurrentUser, { resolve: async () => ({ name: 'grace' }) }).test();
    expect(await (await t.of(PagesController).protected()).text()).toBe('Only for you, grace.');
  });
});
