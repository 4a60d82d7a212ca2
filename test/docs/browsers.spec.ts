import { describe, expect, it } from 'vitest';
import { type AppSetup, type Class, createApp, type SessionStore, session } from '../../src/index.js';
import { testGuide } from './guide.js';

const guide = await testGuide('browsers.md');

/** The commands of Redis that a store uses, on a Map. */
class FakeRedis {
  readonly kept = new Map<string, string>();

  async get(key: string): Promise<string | null> {
    return this.kept.get(key) ?? null;
  }

  async set(key: string, value: string, { XX = false }: { XX?: boolean }): Promise<string | null> {
    if (XX && !this.kept.has(key)) return null;
    this.kept.set(key, value);
    return 'OK';
  }

  async del(key: string): Promise<number> {
    return Number(this.kept.delete(key));
  }
}

describe('the guide to browsers', () => {
  it('keeps sessions in Redis, under names that no client knows', async () => {
    const { RedisSessionStore } = await guide.load<{ RedisSessionStore: new (redis: FakeRedis) => SessionStore }>(
      'redis-session-store.ts',
    );
    const { accounts } = await guide.load<{ accounts: AppSetup }>('accounts.ts');
    const redis = new FakeRedis();
    const use = [session({ store: new RedisSessionStore(redis) })];
    await using t = await createApp({ ...accounts.options, use }).test();
    const signedIn = await t.post('/session', { json: { name: 'ada', password: 'right' } });
    const [cookie = ''] = (signedIn.headers.getSetCookie()[0] as string).split(';');
    const headers = { cookie };
    expect(await (await t.get('/account', { headers })).text()).toBe('user 7');
    expect([...redis.kept.keys()]).toEqual([expect.stringMatching(/^session:.{20}/)]);
    expect([...redis.kept.keys()].join()).not.toContain(cookie.split('=')[1]);

    expect((await t.delete('/session', { headers })).status).toBe(204);
    expect(redis.kept.size).toBe(0);
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
