import { describe, expect, it } from 'vitest';
import { ClientGone } from '../../src/http/request-body.js';
import type { ServerOptions } from '../../src/server/opts.js';
import { Server } from '../../src/server/server.js';
import { eventually, type LogEntry, loggerInto, settled } from '../support/served.js';

const URL_ = 'http://h/';

function serverOf(
  configure: (server: Server) => void,
  options: ServerOptions = {},
): { server: Server; log: LogEntry[] } {
  const log: LogEntry[] = [];
  const server = Server.new({ logger: loggerInto(log), ...options });
  configure(server);
  return { server, log };
}

/** Asks a server that was configured so. */
function ask(configure: (server: Server) => void, init: RequestInit & { url?: string; duplex?: 'half' } = {}) {
  const { url = URL_, ...rest } = init;
  return serverOf(configure).server.fetch(new Request(url, rest));
}

/** Content that comes as it is asked for. */
function counted(
  pieces: number,
  size: number,
): { content: ReadableStream<Uint8Array>; given(): number; isCancelled(): boolean } {
  let given = 0;
  let isCancelled = false;
  const content = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (given === pieces) return controller.close();
        controller.enqueue(new Uint8Array(size).fill(given++ % 256));
      },
      cancel() {
        isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { content, given: () => given, isCancelled: () => isCancelled };
}

describe('the request', () => {
  it.each([
    ['its path and query', 'http://h:8/a/b?c=d#e', '/a/b?c=d h:8 http 1.1'],
    ['a path of nothing', 'https://h', '/ h https 1.1'],
    ['an escape that is none', 'http://h/%zz', '/%zz h http 1.1'],
    ['a user, who is no part of the authority', 'http://h@h2/x', undefined],
  ])('has %s', async (_title, url, seen) => {
    const asked = () =>
      ask(
        (server) =>
          server.use((req, res) => void res.send(`${req.url.raw} ${req.authority} ${req.scheme} ${req.httpVersion}`)),
        { url },
      );
    // A web request refuses credentials by itself.
    if (seen === undefined) expect(asked).toThrow(TypeError);
    else expect(await (await asked()).text()).toBe(seen);
  });

  it('has the parameters of its route, its fields and its content', async () => {
    const answer = await ask(
      (server) =>
        server.post('/a/:id', async (req, res) => {
          res.send(`${req.params.id} ${req.headers.get('X')} ${req.headers.get('host')} ${await req.text()}`);
        }),
      { url: 'http://h/a/%C3%A9', method: 'POST', headers: { x: '1' }, body: 'é' },
    );
    expect(await answer.text()).toBe('é 1 h é');
  });

  it('takes the Host that was sent before that of the URL', async () => {
    const answer = await ask((server) => server.get('/', (req, res) => void res.send(req.authority)), {
      headers: { host: 'other:1' },
    });
    expect(await answer.text()).toBe('other:1');
  });

  it('has the address that the runtime told, also on what stands for its socket', async () => {
    const { server } = serverOf((server) =>
      server.get('/', (req, res) => void res.json([req.remoteAddress, req.socket.destroyed])),
    );
    expect(await (await server.fetch(new Request(URL_), { remoteAddress: '1.2.3.4' })).json()).toEqual([
      '1.2.3.4',
      false,
    ]);
    expect(await (await server.fetch(new Request(URL_), { env: {} } as never)).json()).toEqual(['', false]);
  });

  it.each([
    ['a target over its limit', { url: `http://h/${'a'.repeat(8192)}` }, 414],
    ['an expectation that is none', { headers: { expect: 'a miracle' } }, 417],
    ['too many fields', { headers: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x-${i}`, '1'])) }, 431],
    ['content over its limit', { method: 'POST', body: 'a'.repeat(1_048_577) }, 413],
  ])('is refused for %s', async (_title, init, status) => {
    const answer = await ask((server) => server.post('/', async (req, res) => void res.send(await req.text())), init);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  });

  it('gives its content no faster than it is read', async () => {
    const { content, given } = counted(1000, 1000);
    let goOn = () => {};
    const answer = ask(
      (server) =>
        server.post('/', async (req, res) => {
          let size = 0;
          for await (const piece of req.stream) {
            size += piece.length;
            if (size === 3000) await new Promise<void>((resolve) => (goOn = resolve));
          }
          res.json(size);
        }),
      { method: 'POST', body: content, duplex: 'half' },
    );
    await settled();
    expect(given()).toBeLessThan(6);
    goOn();
    expect(await (await answer).json()).toBe(1_000_000);
  });

  it('lets go of content that nobody read', async () => {
    const { content, isCancelled } = counted(1000, 1000);
    const answer = await ask((server) => server.post('/', (_req, res) => void res.send('no')), {
      method: 'POST',
      body: content,
      duplex: 'half',
    });
    expect(await answer.text()).toBe('no');
    await eventually(isCancelled, 'it is cancelled');
  });

  it('lets go of content where there is no answer', async () => {
    const { content, isCancelled } = counted(1000, 1000);
    const init = { method: 'POST', body: content, duplex: 'half' } as const;
    await expect(ask((server) => server.post('/', (_req, res) => res.destroy()), init)).rejects.toThrow(ClientGone);
    await eventually(isCancelled, 'it is cancelled');
  });

  it('tells a reader that its content will not come any more', async () => {
    const content = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error('reset'));
      },
    });
    let seen: unknown;
    const asked = ask(
      (server) =>
        server.post('/', async (req) => {
          await req.bytes().catch((error) => {
            seen = error;
            throw error;
          });
        }),
      { method: 'POST', body: content, duplex: 'half' },
    );
    await expect(asked).rejects.toThrow(ClientGone);
    expect(seen).toBeInstanceOf(ClientGone);
    expect((seen as Error).cause).toEqual(new Error('reset'));
  });
});

describe('the response', () => {
  it('has status, reason, fields and content', async () => {
    const answer = await ask((server) =>
      server.get('/', (_req, res) => void res.setStatus(201, 'Made').addHeader('X', 'é').send('é')),
    );
    expect([answer.status, answer.statusText, Object.fromEntries(answer.headers), await answer.text()]).toEqual([
      201,
      'Made',
      { 'content-length': '2', 'content-type': 'text/plain; charset=utf-8', x: 'é' },
      'é',
    ]);
  });

  it('keeps the lines of Set-Cookie apart', async () => {
    const answer = await ask((server) =>
      server.get('/', (_req, res) => void res.addHeader('Set-Cookie', 'a=1, 2').addHeader('set-cookie', 'b=2').send()),
    );
    expect(answer.headers.getSetCookie()).toEqual(['a=1, 2', 'b=2']);
  });

  it('has no field that is between neighbours, and no trailer', async () => {
    const answer = await ask((server) =>
      server.get('/', (_req, res) => {
        res.addHeader('Connection', 'close').addHeader('Upgrade', 'h2c').addHeader('Keep-Alive', 'timeout=5');
        res.addTrailer('X', '1').writeEarlyHints({ Link: '</a>' }).send('a');
      }),
    );
    expect(Object.fromEntries(answer.headers)).toEqual({ 'content-type': 'text/plain; charset=utf-8' });
    expect(await answer.text()).toBe('a');
  });

  it.each([
    ['HEAD', { method: 'HEAD' }, 200, '3'],
    ['204', {}, 204, null],
    ['205', {}, 205, '0'],
    ['304', {}, 304, null],
  ])('has no body for %s', async (_title, init, status, length) => {
    const whole = await ask((server) => server.get('/', (_req, res) => void res.setStatus(status).send('abc')), init);
    expect([whole.status, whole.body, whole.headers.get('content-length')]).toEqual([status, null, length]);
    const streamed = await ask(
      (server) => server.get('/', (_req, res) => res.setStatus(status).stream(endless())),
      init,
    );
    expect([streamed.status, streamed.body]).toEqual([status, null]);
  });

  it.each([0, 1, 127, 128, 255])('has every byte as it was: %d', async (byte) => {
    for (const size of [1, 4_096, 70_000]) {
      const bytes = new Uint8Array(size).fill(byte);
      const whole = await ask((server) => server.get('/', (_req, res) => void res.send(bytes)));
      expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
      const streamed = await ask((server) => server.get('/', (_req, res) => res.stream(listOf([bytes, bytes]))));
      expect(Buffer.from(await streamed.arrayBuffer()).equals(Buffer.concat([bytes, bytes]))).toBe(true);
    }
  });

  it.each([8_191, 8_192, 65_536, 200_000])('has text of %d characters, ASCII or not', async (length) => {
    for (const text of ['a'.repeat(length), 'é'.repeat(length)]) {
      const answer = await ask((server) => server.get('/', (_req, res) => void res.send(text)));
      expect(await answer.text()).toBe(text);
    }
  });

  it('is 204 where the handler sends nothing, and 404 and 405 as ever', async () => {
    const { server } = serverOf((server) => server.get('/', () => {}));
    const statuses = [];
    for (const [method, path] of [
      ['GET', ''],
      ['GET', 'a'],
      ['PUT', ''],
      ['OPTIONS', ''],
    ] as const) {
      const answer = await server.fetch(new Request(URL_ + path, { method }));
      statuses.push([answer.status, answer.headers.get('allow')]);
    }
    expect(statuses).toEqual([
      [204, null],
      [404, null],
      [405, 'GET, HEAD, OPTIONS'],
      [204, 'GET, HEAD, OPTIONS'],
    ]);
  });

  it('is 500 with a reference for an error, and 426 where there is no socket to upgrade', async () => {
    const { server, log } = serverOf((server) => {
      server.get('/a', () => {
        throw new Error('secret');
      });
      server.get('/b', (_req, res) => void res.upgrade('x'));
    });
    const failed = await server.fetch(new Request(`${URL_}a`));
    expect(await failed.json()).toEqual({ title: 'Internal Server Error', status: 500, ref: log[0]?.fields.ref });
    expect((await server.fetch(new Request(`${URL_}b`))).status).toBe(426);
  });

  it('begins before its content is there', async () => {
    let goOn = () => {};
    const answer = await ask((server) =>
      server.get('/', async (_req, res) => {
        await res.write('a');
        await new Promise<void>((resolve) => (goOn = resolve));
        await res.write('b');
      }),
    );
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('a');
    goOn();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('b');
    expect((await reader.read()).done).toBe(true);
  });

  it('is made no faster than it is taken', async () => {
    const { content, given } = counted(1000, 10_000);
    const answer = await ask((server) => server.get('/', (_req, res) => res.stream(content)));
    await settled();
    expect(given()).toBeLessThan(10);
    let size = 0;
    for await (const piece of answer.body as ReadableStream<Uint8Array>) size += piece.length;
    expect([size, given()]).toEqual([10_000_000, 1000]);
  });

  it('stops its source when its body is cancelled', async () => {
    const { content, isCancelled } = counted(1000, 10_000);
    let ended = '';
    const answer = await ask((server) =>
      server.get('/', async (req, res) => {
        req.signal.addEventListener('abort', () => (ended += 'signal '));
        res.onFinish((res) => (ended += `cut off: ${res.wasCutOff()}`));
        await res.stream(content);
      }),
    );
    await answer.body?.cancel();
    await eventually(isCancelled, 'the source is cancelled');
    expect(ended).toBe('signal cut off: true');
  });

  it('ends with an error where the handler cuts it off', async () => {
    const { server, log } = serverOf((server) =>
      server.get('/', async (_req, res) => {
        await res.write('a');
        throw new Error('too late');
      }),
    );
    const answer = await server.fetch(new Request(URL_));
    await expect(answer.text()).rejects.toThrow('The answer was cut off');
    expect(log).toMatchObject([{ message: 'A request failed while its answer was sent' }]);
  });

  it('is a rejection where it was cut off before it began', async () => {
    await expect(ask((server) => server.get('/', (_req, res) => res.destroy()))).rejects.toThrow(ClientGone);
    await expect(ask((server) => server.get('/', (req) => void req.socket.destroy()))).rejects.toThrow();
  });
});

describe('who has to wait for the end', () => {
  it.each([
    ['a whole answer', (answer: Response) => answer.text()],
    ['one that is taken to its end', (answer: Response) => answer.text(), true],
    ['one that is left', (answer: Response) => answer.body?.cancel(), true],
  ])('hears of that of %s', async (_title, take, isStreamed = false) => {
    const { server } = serverOf((server) =>
      server.get('/', (_req, res) => (isStreamed ? res.stream(listOf(['a', 'b'])) : void res.send('a'))),
    );
    let over: Promise<void> | undefined;
    const waitUntil = (given: Promise<void>) => {
      over = given;
    };
    await take(await server.fetch(new Request(URL_), { waitUntil }));
    await expect(over).resolves.toBeUndefined();
  });
});

describe('the signal of the request', () => {
  it('ends what is in progress', async () => {
    const abort = new AbortController();
    let isOver = false;
    const asked = ask(
      (server) =>
        server.get('/', async (req) => {
          req.onOver(() => (isOver = true));
          await new Promise<void>((resolve) => req.signal.addEventListener('abort', () => resolve()));
        }),
      { signal: abort.signal },
    );
    abort.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await eventually(() => isOver, 'the handler has ended');
  });

  it('keeps a request from being served where it has aborted before', async () => {
    let isServed = false;
    const asked = ask(
      (server) =>
        server.get('/', () => {
          isServed = true;
        }),
      { signal: AbortSignal.abort() },
    );
    await expect(asked).rejects.toThrow('aborted');
    expect(isServed).toBe(false);
  });

  it('means nothing after the answer', async () => {
    const abort = new AbortController();
    let aborted = 0;
    const answer = await ask(
      (server) =>
        server.get('/', (req, res) => {
          req.signal.addEventListener('abort', () => aborted++);
          res.send('a');
        }),
      { signal: abort.signal },
    );
    abort.abort();
    expect([await answer.text(), aborted]).toEqual(['a', 0]);
  });
});

describe('a server that closes', () => {
  it('waits for a request, ends event streams, and answers 503 from then on', async () => {
    let goOn = () => {};
    const { server } = serverOf((server) => {
      server.get('/slow', () => new Promise<void>((resolve) => (goOn = resolve)));
      server.get('/events', (_req, res) => void res.events());
    });
    const slow = server.fetch(new Request(`${URL_}slow`));
    const events = await server.fetch(new Request(`${URL_}events`));
    const closing = server.close();
    expect(await events.text()).toBe(':\n\n');
    await settled();
    goOn();
    expect((await slow).status).toBe(204);
    expect(await closing).toEqual({ destroyed: 0 });
    expect((await server.fetch(new Request(URL_))).status).toBe(503);
  });

  it('cuts off what takes too long', async () => {
    const { server } = serverOf((server) =>
      server.get('/', (_req, res) => {
        res.holdOpen = true;
      }),
    );
    const asked = server.fetch(new Request(URL_));
    expect(await server.close({ timeout: 0 })).toEqual({ destroyed: 1 });
    await expect(asked).rejects.toThrow('The answer was cut off');
  });
});

async function* listOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function* endless(): AsyncGenerator<string> {
  for (;;) yield 'abc';
}
