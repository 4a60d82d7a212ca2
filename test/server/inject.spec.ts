import { describe, expect, it } from 'vitest';
import { eventually, serve } from '../support/served.js';

describe('inject', () => {
  it('gives the answer as a fetch Response', async () => {
    const { server } = await serve((server) =>
      server.get('/a', (req, res) => {
        res
          .setStatus(201)
          .addHeader('X', '1')
          .addHeader('X', '2')
          .send(`${req.url.query.get('q')}`);
      }),
    );
    const answer = await server.inject({ url: '/a?q=b' });
    expect(answer).toBeInstanceOf(globalThis.Response);
    expect([answer.status, answer.statusText, answer.headers.get('x'), await answer.text()]).toEqual([
      201,
      'Created',
      '1, 2',
      'b',
    ]);
  });

  it('sends method, fields and content', async () => {
    const { server } = await serve((server) =>
      server.on('QUERY', '/', async (req, res) => {
        res.send(`${req.method} ${req.headers.get('x')} ${req.headers.get('host')} ${await req.text()}`);
      }),
    );
    const answer = await server.inject({ method: 'QUERY', headers: { x: ['1', '2'] }, body: 'content' });
    expect(await answer.text()).toBe('QUERY 1, 2 localhost content');
  });

  it.each([204, 304])('gives no body with %d', async (status) => {
    const { server } = await serve((server) => server.get('/', (_req, res) => void res.setStatus(status).send()));
    const answer = await server.inject({});
    expect([answer.status, answer.body]).toEqual([status, null]);
  });

  it('takes a 2xx answer to CONNECT as a tunnel', async () => {
    const { server } = await serve((server) => server.connect('*', (_req, res) => void res.send('tunnelled')));
    const answer = await server.inject({ method: 'CONNECT', url: 'example.com:443' });
    expect([answer.status, await answer.text()]).toEqual([200, 'tunnelled']);
  });

  it('answers while the content still comes', async () => {
    let goOn = () => {};
    const { server } = await serve((server) =>
      server.get('/', (_req, res) =>
        res.stream(
          (async function* () {
            yield 'a';
            await new Promise<void>((resolve) => {
              goOn = resolve;
            });
            yield 'b';
          })(),
        ),
      ),
    );
    const answer = await server.inject({});
    goOn();
    expect(await answer.text()).toBe('ab');
  });

  it('tells the handler when the answer is given up', async () => {
    let isStopped = false;
    const { server } = await serve((server) =>
      server.get('/', (_req, res) =>
        res.stream(
          (async function* () {
            try {
              for (;;) {
                yield 'x'.repeat(1000);
                await new Promise((resolve) => setImmediate(resolve));
              }
            } finally {
              isStopped = true;
            }
          })(),
        ),
      ),
    );
    const answer = await server.inject({});
    await answer.body?.cancel();
    await eventually(() => isStopped, 'the generator has returned');
  });

  it('needs no listening, and leaves nothing for close to wait for', async () => {
    const { server } = await serve((server) => server.get('/', (_req, res) => void res.send('a')));
    expect(await (await server.inject({})).text()).toBe('a');
    expect(await server.close({ timeout: 1000 })).toEqual({ destroyed: 0 });
    expect((await server.inject({})).status).toBe(503);
  });

  it('rejects where the connection is cut off', async () => {
    const { server } = await serve((server) => server.get('/', (_req, res) => res.destroy()));
    await expect(server.inject({})).rejects.toThrow('socket hang up');
  });
});
