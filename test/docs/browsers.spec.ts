import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RedisClient } from '../../src/engines/redis.js';
import { type AppSetup, type Class, createApp, type Middleware } from '../../src/index.js';
import { RedisServer } from '../support/redis-server.js';
import { testGuide } from './guide.js';

const guide = await testGuide('browsers.md');

describe('the guide to browsers', () => {
  it('keeps sessions in Redis, under names that no client knows', async () => {
    await using server = await RedisServer.start();
    const redis = createClient({ socket: { path: server.path, tls: false } });
    redis.on('error', () => {});
    onTestFinished(() => redis.destroy());
    await redis.connect();
    const { sessions } = await guide.load<{ sessions(client: RedisClient): Middleware }>('shared-sessions.ts');
    const { accounts } = await guide.load<{ accounts: AppSetup }>('accounts.ts');
    await using t = await createApp({ ...accounts.options, use: [sessions(redis)] }).test();
    const signedIn = await t.post('/session', { json: { name: 'ada', password: 'right' } });
    const [cookie = ''] = (signedIn.headers.getSetCookie()[0] as string).split(';');
    const headers = { cookie };
    expect(await (await t.get('/account', { headers })).text()).toBe('user 7');
    const keys = await redis.keys('*');
    expect(keys).toEqual([expect.stringMatching(/^shop:session:.{20}/)]);
    expect(keys.join()).not.toContain(cookie.split('=')[1]);

    expect((await t.delete('/session', { headers })).status).toBe(204);
    expect(await redis.dbSize()).toBe(0);
    expect((await t.get('/account', { headers })).status).toBe(401);
  });

  it('forgets a theme', async () => {
    const { ThemeController } = await guide.load<{ ThemeController: Class }>('themed.ts');
    const { themed } = await guide.load<{ themed: AppSetup }>('themed.ts');
    await using t = await createApp({ ...themed.options, controllers: [ThemeController] }).test();
    const [cookie] = (await t.delete('/theme')).headers.getSetCookie();
    expect(cookie).toMatch(/^theme=; Max-Age=0; .*Expires=Thu, 01 Jan 1970 00:00:00 GMT/);
  });
});
