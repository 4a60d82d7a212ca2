import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CurrentUser } from '../../samples/auth/current-user.js';
import { MemoryStore } from '../../samples/webdav/memory-store.js';
import { createApp, HttpError, type Request } from '../../src/index.js';
import { optionsWith } from './support/dav.js';

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;
const METHODS = ['GET', 'HEAD', 'PUT', 'DELETE', 'MKCOL', 'COPY', 'MOVE', 'PROPFIND', 'PROPPATCH', 'LOCK', 'UNLOCK'];

describe('who may come in', () => {
  it('is who has an account of the auth sample, for every method and the page', async () => {
    await using t = await createApp(optionsWith(() => new MemoryStore())).test();
    const asked: [string, string][] = METHODS.map((method) => [method, '/files/x']);
    for (const [method, url] of [...asked, ['PROPFIND', '/'], ['GET', '/'], ['GET', '/events']] as const) {
      for (const authorization of [undefined, basic('ada:wrong')]) {
        const headers = { destination: '/files/y', ...(authorization === undefined ? {} : { authorization }) };
        const answer = await t.request(method, url, { headers });
        expect([method, answer.status]).toEqual([method, 401]);
        expect(answer.headers.get('www-authenticate')).toBe('Basic realm="auth sample", charset="UTF-8"');
      }
    }
    expect((await t.get('/files/', { headers: { authorization: basic('ada:lovelace') } })).status).toBe(200);
  });

  it('is found out once for requests that bring the same, and again after five minutes', async () => {
    const resolve = vi.fn(async (req: Request) => {
      if (req.headers.get('authorization') === basic('ada:right')) return { name: 'ada' };
      throw new HttpError('No.', 401);
    });
    await using t = await createApp(optionsWith(() => new MemoryStore()))
      .with(CurrentUser, { resolve })
      .test();
    const get = async (credentials: string) =>
      (await t.get('/files/', { headers: { authorization: basic(credentials) } })).status;
    expect(await Promise.all([get('ada:right'), get('ada:right'), get('ada:right')])).toEqual([200, 200, 200]);
    expect(await get('ada:right')).toBe(200);
    expect(resolve).toHaveBeenCalledTimes(1);

    // Wrong ones are never remembered: the account may be made in the next moment.
    expect([await get('ada:wrong'), await get('ada:wrong')]).toEqual([401, 401]);
    expect(resolve).toHaveBeenCalledTimes(3);

    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 300_001);
    onTestFinished(() => clock.mockRestore());
    expect(await get('ada:right')).toBe(200);
    expect(resolve).toHaveBeenCalledTimes(4);
  });
});
