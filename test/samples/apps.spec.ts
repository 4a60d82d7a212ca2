import { describe, expect, it } from 'vitest';
import { options as auth } from '../../samples/auth/app.js';
import { CurrentUser } from '../../samples/auth/current-user.js';
import { PagesController } from '../../samples/auth/pages.controller.js';
import { options as hello } from '../../samples/hello/app.js';
import { Greeter } from '../../samples/hello/greeter.js';
import { HelloController } from '../../samples/hello/hello.controller.js';
import { options as webdav } from '../../samples/webdav/app.js';
import { checkApp, createApp } from '../../src/index.js';

describe('the applications of the samples', () => {
  it.each([
    ['hello', hello],
    ['auth', auth],
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

  it('let in whom a double lets in', async () => {
    const app = createApp({ ...auth, use: [] });
    await using t = await app.with(CurrentUser, { resolve: async () => ({ name: 'grace' }) }).test();
    expect(await (await t.of(PagesController).protected()).text()).toBe('Only for you, grace.');
  });
});
