import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import zlib, { brotliDecompressSync, createGunzip, gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CODINGS } from '../../src/http/accept-encoding.js';
import {
  type CompressOptions,
  Controller,
  compress,
  conditional,
  createApp,
  Get,
  HttpError,
  type Response,
  Use,
} from '../../src/index.js';
import { loadCoders } from '../../src/middleware/content-coders.js';
import { chunkedContent } from '../support/chunked.js';
import { eventually, request, serve, settled, TRANSPORTS, text, undated } from '../support/served.js';

const LARGE = 'large '.repeat(1_000);
const CODERS = loadCoders();
const MADE_CODINGS = CODINGS.filter((coding) => CODERS[coding] !== undefined);
type Answer = (res: Response) => void | Promise<void>;

async function wireOf(fields: readonly string[], answer: Answer, options?: CompressOptions, line = 'GET /') {
  const { exchange } = await serve((server) => server.use(compress(options)).get('/', (_req, res) => answer(res)));
  return undated(await exchange(request(line, ...fields)));
}

const codingOf = (wire: string) => /\r\nContent-Encoding: (.*)\r/.exec(wire)?.[1];
const varyOf = (wire: string) => /\r\nVary: (.*)\r/.exec(wire)?.[1];
const GZIP = ['Accept-Encoding: gzip'];

const DECODERS: Readonly<Record<string, (content: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  zstd: (content) => (zlib as unknown as { zstdDecompressSync(content: Buffer): Buffer }).zstdDecompressSync(content),
};

/** The coders that are made while a test runs. */
function madeCoders(): Duplex[] {
  const made: Duplex[] = [];
  for (const coding of MADE_CODINGS) {
    const make = CODERS[coding]!;
    const spy = vi.spyOn(CODERS as Record<string, typeof make>, coding).mockImplementation((level, size) => {
      const coder = make(level, size);
      made.push(coder);
      return coder;
    });
    onTestFinished(() => spy.mockRestore());
  }
  return made;
}

describe('compress', () => {
  it.each(MADE_CODINGS)('encodes in %s, which decodes to what was sent', async (coding) => {
    const wire = await wireOf([`Accept-Encoding: ${coding}`], (res) => void res.send(LARGE));
    expect(codingOf(wire)).toBe(coding);
    expect(varyOf(wire)).toBe('Accept-Encoding');
    expect(wire).not.toContain('Content-Length');
    expect(chunkedContent(wire).length).toBeLessThan(100);
    expect(DECODERS[coding]!(chunkedContent(wire)).toString()).toBe(LARGE);
  });

  it.each<[field: string | undefined, coding: string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['gzip, br', 'br'],
    ['br;q=0.5, gzip', 'gzip'],
    ['br;q=0, gzip;q=0', undefined],
    ['identity, gzip;q=0.5', undefined],
    ['*', 'br'],
    ['*;q=0', undefined],
    ['gzip, identity;q=0', 'gzip'],
    ['deflate', undefined],
  ])('Accept-Encoding: %s gives %s, and varies', async (field, coding) => {
    const wire = await wireOf(field === undefined ? [] : [`Accept-Encoding: ${field}`], (res) => void res.send(LARGE));
    expect(codingOf(wire)).toBe(coding);
    expect(varyOf(wire)).toBe('Accept-Encoding');
  });

  it('takes its codings in the order it is told', async () => {
    const wire = await wireOf(['Accept-Encoding: br, gzip'], (res) => void res.send(LARGE), {
      codings: ['gzip', 'br'],
    });
    expect(codingOf(wire)).toBe('gzip');
  });

  it.each<[title: string, answer: Answer, options?: CompressOptions]>([
    ['small text', (res) => void res.send('x'.repeat(1_023))],
    ['few bytes in many characters', (res) => void res.send('x'.repeat(99)), { threshold: 100 }],
    ['nothing', (res) => void res.setContentType('text/html').send()],
    ['pictures', (res) => void res.setContentType('image/png').send(LARGE)],
    ['content without a type', (res) => streamUntyped(res)],
    [
      'what is streamed and declared small',
      (res) => res.setContentType('text/html').setContentLength(2).stream(pieces('ab')),
    ],
    ['events', (res) => void res.events().close()],
    ['what is encoded already', (res) => void res.setHeader('Content-Encoding', 'gzip').send(LARGE)],
    ['what must not be transformed', (res) => void res.setHeader('Cache-Control', 'public, no-transform').send(LARGE)],
    ['what has a digest of its bytes', (res) => void res.setHeader('Content-Digest', 'sha-256=:AA==:').send(LARGE)],
    ['what such a digest follows', (res) => void res.addTrailer('Content-Digest', 'sha-256=:AA==:').send(LARGE)],
    ['204', (res) => void res.setStatus(204).send()],
    ['types that it is told are not worth it', (res) => void res.send(LARGE), { types: () => false }],
  ])('leaves %s, and does not vary', async (_title, answer, options) => {
    const wire = await wireOf(GZIP, answer, options);
    expect(wire).not.toContain('Vary');
    expect(codingOf(wire)).toBe(wire.includes('Content-Encoding') ? 'gzip' : undefined);
    expect(wire).not.toContain('\x1f\x8b');
  });

  it.each<[title: string, answer: Answer, options?: CompressOptions]>([
    ['text from the threshold on', (res) => void res.send('x'.repeat(1_024))],
    ['many bytes in few characters', (res) => void res.send('ü'.repeat(50)), { threshold: 100 }],
    ['bytes', (res) => void res.setContentType('text/css').send(Buffer.from(LARGE))],
    ['JSON', (res) => void res.json([LARGE])],
    ['a picture made of text', (res) => void res.setContentType('image/svg+xml').send(LARGE)],
    ['what is streamed, however little', (res) => res.setContentType('text/html').stream(pieces('a', 'b'))],
    ['errors', (res) => void res.setStatus(404).send(LARGE)],
    ['types that it is told are worth it', (res) => void res.setContentType('a/b').send(LARGE), { types: () => true }],
  ])('encodes %s', async (_title, answer, options) => {
    const wire = await wireOf(GZIP, answer, options);
    expect(codingOf(wire)).toBe('gzip');
    expect(varyOf(wire)).toBe('Accept-Encoding');
  });

  it('encodes whatever it is for who does not take content as it is', async () => {
    const wire = await wireOf(['Accept-Encoding: gzip, identity;q=0'], (res) => void res.send('small'));
    expect(gunzipSync(chunkedContent(wire)).toString()).toBe('small');
    expect(varyOf(wire)).toBe('Accept-Encoding');
  });

  it('leaves parts, which vary as the whole would', async () => {
    const wire = await wireOf(GZIP, (res) => {
      res.setStatus(206).setHeader('Content-Range', 'bytes 0-5999/9999').send(LARGE);
    });
    expect(codingOf(wire)).toBeUndefined();
    expect(varyOf(wire)).toBe('Accept-Encoding');
    expect(wire).toMatch(/large $/);
  });

  it('gives HEAD the fields of GET, and makes no coder', async () => {
    const made = madeCoders();
    const [get, head] = await Promise.all([
      wireOf(GZIP, (res) => void res.send(LARGE)),
      wireOf(GZIP, (res) => void res.send(LARGE), {}, 'HEAD /'),
    ]);
    expect(head).toBe(`${get.split('\r\n\r\n')[0]}\r\n\r\n`);
    expect(made).toHaveLength(1);
  });

  it('makes a strong tag weak, takes ranges back, and keeps the other fields', async () => {
    const wire = await wireOf(GZIP, (res) => {
      res.setHeader('ETag', '"a"').setHeader('Accept-Ranges', 'bytes').setHeader('Vary', 'Cookie').send(LARGE);
    });
    expect(wire).toContain('ETag: W/"a"\r\n');
    expect(wire).toContain('Vary: Cookie, Accept-Encoding\r\n');
    expect(wire).not.toContain('Accept-Ranges');
  });

  it('leaves a strong tag strong where it does not encode', async () => {
    expect(await wireOf([], (res) => void res.setHeader('ETag', '"a"').send(LARGE))).toContain('ETag: "a"\r\n');
  });

  it.each([
    ['W/"a"', 'W/"a"'],
    ['"a"', '"a"'],
    ['"a", W/"a"', '"a"'],
    ['*', '"a"'],
  ])('gives 304 the tag that the client holds: %s is %s', async (held, sent) => {
    const wire = await wireOf([...GZIP, `If-None-Match: ${held}`], (res) => {
      res.setStatus(304).setHeader('ETag', '"a"').send();
    });
    expect(wire).toContain(`ETag: ${sent}\r\n`);
    expect(varyOf(wire)).toBe('Accept-Encoding');
    expect(codingOf(wire)).toBeUndefined();
  });

  it('hands on what has come so far', async () => {
    let write: (piece: string) => void = () => {};
    const { connect } = await serve((server) =>
      server.use(compress()).get('/', (_req, res) => {
        res.holdOpen = true;
        res.setContentType('text/plain');
        write = (piece) => void res.write(piece);
        write('first ');
      }),
    );
    const client = await connect();
    client.send(request('GET /', ...GZIP));
    await client.until('\r\n\r\n');
    const gunzip = createGunzip();
    const plain: string[] = [];
    gunzip.on('data', (piece: Buffer) => plain.push(piece.toString()));
    const takeChunk = async () => {
      const size = Number.parseInt(await client.until('\r\n'), 16);
      const chunk = await client.until((received) => received.length >= size + 2);
      await new Promise((resolve) => gunzip.write(Buffer.from(chunk.slice(0, size), 'latin1'), resolve));
    };
    const receive = async (expected: string) => {
      while (plain.join('') !== expected) {
        await takeChunk();
        await settled();
      }
    };
    await receive('first ');
    write('second');
    await receive('first second');
    gunzip.destroy();
  });

  it('refers across flushes to what came before', async () => {
    const line = Array.from({ length: 60 }, (_, i) => i * 7919).join(' ');
    const wire = await wireOf(GZIP, (res) => res.setContentType('text/plain').stream(inTurns(line, 20)));
    expect(gunzipSync(chunkedContent(wire)).toString()).toBe(line.repeat(20));
    expect(chunkedContent(wire).length).toBeLessThan(line.length * 3);
  });

  it('serves the next request on the connection', async () => {
    const { exchange } = await serve((server) =>
      server
        .use(compress())
        .get('/', (_req, res) => void res.send(LARGE))
        .get('/small', (_req, res) => void res.send('small')),
    );
    const wire = undated(await exchange(request('GET /', ...GZIP) + request('GET /small')));
    expect(wire).toMatch(/\r\n0\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(wire.endsWith(text('small'))).toBe(true);
  });

  it('leaves tunnels alone, whoever asks for one', async () => {
    const { connect } = await serve((server) => server.use(compress()).connect('*', (_req, res) => void res.tunnel()));
    const client = await connect();
    client.send('CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nAccept-Encoding: gzip, identity;q=0\r\n\r\n');
    expect(undated(await client.until('\r\n\r\n'))).toBe('HTTP/1.1 200 OK\r\nDate: -\r\n\r\n');
  });

  it('stands on a controller', async () => {
    @Controller('/')
    class Texts {
      @Get('/encoded')
      @Use(compress())
      encoded() {
        return LARGE;
      }

      @Get('/plain')
      plain() {
        return LARGE;
      }
    }
    const app = await createApp({ controllers: [Texts] });
    await using test = await app.test();
    const headers = { 'accept-encoding': 'gzip' };
    const encoded = await test.get('/encoded', { headers });
    expect(encoded.headers.get('content-encoding')).toBe('gzip');
    expect(gunzipSync(Buffer.from(await encoded.arrayBuffer())).toString()).toBe(LARGE);
    expect((await test.get('/plain', { headers })).headers.get('content-encoding')).toBeNull();
  });
});

describe('where something goes wrong', () => {
  it('encodes the answer to an error as any other', async () => {
    const wire = await wireOf(GZIP, () => {
      throw new HttpError('x'.repeat(2_000), 409);
    });
    expect(wire).toContain('HTTP/1.1 409');
    expect(JSON.parse(gunzipSync(chunkedContent(wire)).toString())).toMatchObject({ status: 409 });
  });

  it('stops the source where the client does not read', async () => {
    const made = madeCoders();
    let given = 0;
    // Noise: whatever compresses well would all be in the buffers of the coder.
    const noise = Buffer.from(Array.from({ length: 65_536 }, () => Math.random() * 256));
    async function* source() {
      while (given++ < 1_000) yield noise;
    }
    const { connect } = await serve((server) =>
      server.use(compress({ types: () => true })).get('/', (_req, res) => res.stream(source())),
    );
    const client = await connect();
    client.duplex.pause();
    client.send(request('GET /', ...GZIP));
    await eventually(() => made[0]?.isPaused() === true, 'the coder gives nothing more');
    // It takes a few more, as each version of Node buffers.
    for (let i = 0; i < 20; i++) await settled();
    expect(given).toBeLessThan(10);
    client.destroy();
  });

  describe.each(TRANSPORTS)('over %s', (transport) => {
    it('cuts off, and frees the coder, where the handler throws after it has begun to send', async () => {
      const made = madeCoders();
      const { connect, log } = await serve(
        (server) =>
          server.use(compress()).get('/', async (_req, res) => {
            res.setContentType('text/plain');
            await res.write(LARGE);
            await turn();
            throw new Error('broken');
          }),
        {},
        transport,
      );
      const client = await connect();
      client.send(request('GET /', ...GZIP));
      const wire = await client.all();
      expect(wire).toContain('Transfer-Encoding: chunked');
      expect(wire).not.toContain('\r\n0\r\n\r\n');
      expect(String(log[0]?.fields.err)).toContain('broken');
      await eventually(() => made.length === 1 && made[0].closed, 'the coder is closed');
    });

    it('frees the coder, and cancels the source, where the client leaves', async () => {
      const made = madeCoders();
      let isCancelled = false;
      async function* endless() {
        try {
          for (;;) yield LARGE;
        } finally {
          isCancelled = true;
        }
      }
      const { connect, log } = await serve(
        (server) => server.use(compress()).get('/', (_req, res) => res.setContentType('text/plain').stream(endless())),
        {},
        transport,
      );
      const client = await connect();
      client.send(request('GET /', ...GZIP));
      await client.until('\r\n\r\n');
      client.destroy();
      await eventually(() => isCancelled && made[0].closed, 'the coder is closed and the source cancelled');
      expect(log).toEqual([]);
    });
  });
});

describe('beside conditional', () => {
  it.each([
    ['outside', [compress(), conditional()]],
    ['inside', [conditional(), compress()]],
  ] as const)('%s, a client gets 304 for what it holds compressed', async (_title, [first, second]) => {
    const { exchange } = await serve((server) =>
      server
        .use(first)
        .use(second)
        .get('/', (_req, res) => void res.send(LARGE))
        .get('/mine', (_req, res) => void res.setHeader('ETag', '"mine"').send(LARGE)),
    );
    for (const path of ['/', '/mine']) {
      const wire = await exchange(request(`GET ${path}`, ...GZIP));
      const etag = /\r\nETag: (W\/.*)\r/.exec(wire)?.[1];
      expect(codingOf(wire)).toBe('gzip');
      const again = await exchange(request(`GET ${path}`, ...GZIP, `If-None-Match: ${etag}`));
      expect(again).toContain('HTTP/1.1 304');
      expect(again).toContain(`ETag: ${etag}\r\n`);
      expect(varyOf(again)).toBe('Accept-Encoding');
      expect(again).not.toMatch(/Content-(Encoding|Type|Length)|Transfer-Encoding/);
    }
  });

  it('outside of it, it makes no coder for what is not sent', async () => {
    const made = madeCoders();
    const { exchange } = await serve((server) =>
      server
        .use(compress())
        .use(conditional())
        .get('/', (_req, res) => void res.send(LARGE)),
    );
    await exchange(request('GET /', ...GZIP, 'If-None-Match: *'));
    expect(made).toEqual([]);
  });

  it('inside of it, it answers 412 as it is', async () => {
    const made = madeCoders();
    const { exchange } = await serve((server) =>
      server
        .use(conditional())
        .use(compress())
        .get('/', (_req, res) => void res.send(LARGE)),
    );
    const wire = await exchange(request('GET /', ...GZIP, 'If-Match: "x"'));
    expect(wire).toContain('HTTP/1.1 412');
    expect(codingOf(wire)).toBeUndefined();
    expect(wire).toContain('{"title":"Precondition Failed"');
    await eventually(() => made.length === 1 && made[0].destroyed, 'the coder is destroyed');
  });
});

describe('its options', () => {
  it.each<[options: object, message: string]>([
    [{ threshold: -1 }, 'compress: threshold must be a whole number from 0, got -1'],
    [{ codings: ['deflate'] }, 'compress: codings must be a list of br'],
    [{ codings: [] }, 'compress: codings must be a list of br'],
    [{ levels: { br: 12 } }, 'compress: levels.br must be a whole number from 0 to 11, got 12'],
    [{ levels: { deflate: 1 } }, 'compress: levels: unknown option "deflate"'],
    [{ types: 'text/html' }, 'compress: types must be a function, got "text/html"'],
    [{ level: 1 }, 'compress: unknown option "level"'],
  ])('refuse %j', (options, message) => {
    expect(() => compress(options)).toThrow(message);
  });
});

function streamUntyped(res: Response): void {
  void res.write(LARGE);
  res.end();
}

async function* pieces(...texts: string[]) {
  yield* texts;
}

/** The same again and again, each in a turn of its own, so that each is flushed. */
async function* inTurns(piece: string, times: number) {
  for (let i = 0; i < times; i++) {
    yield piece;
    await turn();
    await turn();
  }
}
