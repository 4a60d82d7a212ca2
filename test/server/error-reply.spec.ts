import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpError } from '../../src/http/http-error.js';
import type { Request } from '../../src/http/request.js';
import { ClientGone } from '../../src/http/request-body.js';
import type { Response } from '../../src/http/response.js';
import {
  eventually,
  problem,
  REF,
  request,
  response,
  serve,
  settled,
  TRANSPORTS,
  text,
  undated,
} from '../support/served.js';

/** What would have ended the process. */
const fatal: unknown[] = [];
const note = (error: unknown) => {
  fatal.push(error);
};

beforeAll(() => {
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
});
afterAll(async () => {
  await settled();
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  expect(fatal).toEqual([]);
});

const FAULT = problem('500 Internal Server Error', { ref: REF });

const thrown: [title: string, value: unknown, wire: string, isLogged: boolean][] = [
  ['null', null, FAULT, true],
  ['undefined', undefined, FAULT, true],
  ['a string', 'secret', FAULT, true],
  ['a number', 404, FAULT, true],
  ['an object like an HttpError', { status: 404, message: 'secret' }, FAULT, true],
  ['an object that cannot be shown', Object.create(null), FAULT, true],
  ['an Error', new Error('secret'), FAULT, true],
  ['an Error with a status', Object.assign(new Error('secret'), { status: 404 }), FAULT, true],
  ['an HttpError', new HttpError('No such thing', 404), problem('404 Not Found', { detail: 'No such thing' }), false],
  [
    'an HttpError that is a fault',
    new HttpError('Try later', 503),
    problem('503 Service Unavailable', { detail: 'Try later', ref: REF }),
    true,
  ],
];

describe.each(TRANSPORTS)('an error before anything is sent, over %s', (transport) => {
  describe.each<[how: string, fail: (value: unknown) => void | Promise<void>]>([
    [
      'thrown',
      (value) => {
        throw value;
      },
    ],
    ['rejected', (value) => Promise.reject(value)],
    [
      'rejected later',
      async (value) => {
        await settled();
        throw value;
      },
    ],
  ])('and %s', (_how, fail) => {
    it.each(thrown)('is answered: %s', async (_title, value, wire, isLogged) => {
      const { connect, log } = await serve(
        (server) => server.get('/', () => fail(value)).get('/next', (_req, res) => void res.send('next')),
        {},
        transport,
      );
      const client = (await connect()).send(request('GET /?q=1'));
      const answer = await client.response();
      expect(undated(answer)).toBe(wire);
      // The connection goes on.
      client.send(request('GET /next'));
      expect(undated(await client.response())).toBe(text('next'));
      if (!isLogged) {
        expect(log).toEqual([]);
        return;
      }
      expect(log).toHaveLength(1);
      expect(log[0]).toMatchObject({ level: 'error', message: 'A request failed before its answer' });
      expect(log[0].fields).toMatchObject({ method: 'GET', target: '/?q=1' });
      expect(log[0].fields.err).toBe(value);
      // The reference that the client got is the one in the log.
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).ref).toBe(log[0].fields.ref);
    });
  });
});

describe('an error after the answer', () => {
  it('leaves the answer and the connection alone, and is logged', async () => {
    const { connect, log } = await serve((server) =>
      server.get('/:how', (req, res) => {
        res.send('sent');
        if (req.params.how === 'sync') throw new Error('late');
        return Promise.reject(new Error('late'));
      }),
    );
    const client = await connect();
    for (const how of ['sync', 'async']) {
      client.send(request(`GET /${how}`));
      expect(undated(await client.response())).toBe(text('sent'));
    }
    await settled();
    expect(log).toMatchObject([
      { message: 'A request failed after its answer', fields: { err: { message: 'late' } } },
      { message: 'A request failed after its answer', fields: { err: { message: 'late' } } },
    ]);
    client.send(request('GET /sync'));
    expect(undated(await client.response())).toBe(text('sent'));
  });
});

describe('an error while the answer is sent', () => {
  it.each<[how: string, fail: (res: Response) => void | Promise<void>]>([
    [
      'thrown',
      () => {
        throw new Error('half');
      },
    ],
    [
      'rejected',
      async () => {
        await settled();
        throw new HttpError('half', 404);
      },
    ],
  ])('cuts the connection off: %s', async (_how, fail) => {
    const { connect, log } = await serve((server) =>
      server.get('/', (_req, res) => {
        void res.write('begun');
        return fail(res);
      }),
    );
    const client = (await connect()).send(request('GET /') + request('GET /'));
    const bytes = undated(await client.all());
    expect(response('200 OK', ['Transfer-Encoding: chunked'], '5\r\nbegun\r\n').startsWith(bytes)).toBe(true);
    expect(log).toMatchObject([
      { message: 'A request failed while its answer was sent', fields: { err: { message: 'half' } } },
    ]);
  });
});

describe('a second error', () => {
  it('in a middleware after that of the handler is the one that is answered, once', async () => {
    const { connect, log } = await serve((server) =>
      server
        .use(async (req, res, next) => {
          try {
            await next(req, res);
          } catch {
            throw new HttpError('second', 418);
          }
        })
        .get('/', () => {
          throw new Error('first');
        }),
    );
    const client = (await connect()).send(request('GET /'));
    expect(undated(await client.response())).toBe(problem('418 ', { title: '', detail: 'second' }));
    expect(log).toEqual([]);
  });

  it('after an error was answered by a middleware is logged only', async () => {
    const { connect, log } = await serve((server) =>
      server
        .use(async (req, res, next) => {
          try {
            await next(req, res);
          } catch {
            res.setStatus(400).send('handled');
            throw new Error('second');
          }
        })
        .get('/', async () => {
          throw new Error('first');
        }),
    );
    const client = (await connect()).send(request('GET /'));
    expect(undated(await client.response())).toBe(text('handled').replace('200 OK', '400 Bad Request'));
    await settled();
    expect(log.map(({ fields }) => (fields.err as Error).message)).toEqual(['second']);
  });
});

describe('what cannot be answered', () => {
  it('closes the connection and is logged: an extension without a JSON form', async () => {
    const error = new HttpError('no', 400, { extensions: { n: 1n } });
    const { connect, log } = await serve((server) =>
      server.get('/', () => {
        throw error;
      }),
    );
    const client = (await connect()).send(request('GET /'));
    expect(await client.all()).toBe('');
    expect(log).toMatchObject([{ message: 'An error could not be answered', fields: { err: expect.any(TypeError) } }]);
  });

  it('closes the connection where the logger throws too', async () => {
    const original = process.stderr.write;
    let written = '';
    process.stderr.write = ((text: string) => {
      written += text;
      return true;
    }) as never;
    try {
      const fail = () => {
        throw new Error('logger');
      };
      const { connect } = await serve((server) => server.get('/', () => Promise.reject(new Error('handler'))), {
        logger: { error: fail, warn: fail, info: fail },
      });
      const client = (await connect()).send(request('GET /'));
      expect(await client.all()).toBe('');
      await eventually(() => written !== '', 'it is written to standard error');
      expect(written).toContain('An error could not be logged');
    } finally {
      process.stderr.write = original;
    }
  });

  it('is a client that has left: nothing is logged', async () => {
    const { connect, log } = await serve((server) =>
      server.get('/', () => {
        throw new ClientGone();
      }),
    );
    const client = (await connect()).send(request('GET /'));
    expect(await client.all()).toBe('');
    expect(log).toEqual([]);
  });
});

describe('the answer to an error', () => {
  it('keeps fields about the exchange and drops those about the content', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.addHeader('Access-Control-Allow-Origin', '*').addHeader('Vary', 'Origin');
        res.addHeader('ETag', '"a"').addHeader('Cache-Control', 'max-age=60').addHeader('Content-Encoding', 'gzip');
        res.setStatus(201).setContentType('image/png').setContentLength(5).appendBody('abc');
        throw new HttpError('No', 403);
      }),
    );
    expect(undated(await exchange(request('GET /')))).toBe(
      problem('403 Forbidden', { detail: 'No' }, { fields: ['Access-Control-Allow-Origin: *', 'Vary: Origin'] }),
    );
  });

  it('has the fields and the extension members of an HttpError', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', () => {
        throw new HttpError('Who?', 401, { headers: { 'WWW-Authenticate': 'Basic' }, extensions: { hint: 'a' } });
      }),
    );
    expect(undated(await exchange(request('GET /')))).toBe(
      problem('401 Unauthorized', { detail: 'Who?', hint: 'a' }, { fields: ['WWW-Authenticate: Basic'] }),
    );
  });

  it('has no content for HEAD', async () => {
    const { connect } = await serve((server) =>
      server.get('/', () => {
        throw new HttpError('No', 403);
      }),
    );
    const client = (await connect()).send(request('HEAD /'));
    const whole = problem('403 Forbidden', { detail: 'No' });
    expect(undated(await client.response(true))).toBe(whole.slice(0, whole.indexOf('\r\n\r\n') + 4));
  });

  it('shows no message of an unexpected error in production, whatever the client accepts', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', () => {
        throw new Error('secret');
      }),
    );
    for (const accept of ['text/html', '*/*', 'application/json']) {
      expect(undated(await exchange(request('GET /', `Accept: ${accept}`)))).toBe(FAULT);
    }
  });

  it('shows message and stack in debug', async () => {
    const { exchange } = await serve(
      (server) =>
        server.get('/', () => {
          throw new Error('seen', { cause: new Error('root') });
        }),
      { env: 'debug' },
    );
    const answer = await exchange(request('GET /'));
    const document = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    expect(document).toMatchObject({ title: 'Internal Server Error', status: 500, detail: 'seen' });
    expect(document.stack[0]).toBe('Error: seen');
    expect(document.stack.join('\n')).toContain('caused by: Error: root');
  });
});

describe('the debug page', () => {
  const evil = `<script>alert("'&")</script>`;
  const fail = (req: Request) => {
    throw new Error(`${evil} ${req.url.query.get('q')}`);
  };

  it('escapes all that it shows, under a policy that runs nothing', async () => {
    const { exchange } = await serve((server) => server.on("<b>'", '/*rest', fail).get('/*rest', fail), {
      env: 'debug',
    });
    const answer = await exchange(
      request(`GET /'${encodeURIComponent(evil)}&?q=%3Cimg%20src=x%3E&a='b'`, 'Accept: text/html'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/);
    expect(answer).toContain('\r\nContent-Type: text/html; charset=utf-8\r\n');
    expect(answer).toContain("\r\nContent-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n");
    const page = answer.slice(answer.indexOf('\r\n\r\n'));
    expect(page).not.toMatch(/<script|<img|a='b'/);
    expect(page).toContain('&lt;script&gt;alert(&quot;&#39;&amp;&quot;)&lt;/script&gt;');
    expect(page).toContain('&lt;img src=x&gt;');
    expect(page).toContain('a=&#39;b&#39;');
  });

  it.each<[accept: string | undefined, isPage: boolean]>([
    [undefined, false],
    ['*/*', false],
    ['application/json', false],
    ['application/problem+json', false],
    ['text/html', true],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['text/html;q=0.5, application/json', false],
    ['text/html;q=0', false],
    ['nonsense', false],
    ['', false],
  ])('is for clients that prefer HTML: Accept: %s', async (accept, isPage) => {
    const { exchange } = await serve((server) => server.get('/', fail), { env: 'debug' });
    const answer = await exchange(request('GET /', ...(accept === undefined ? [] : [`Accept: ${accept}`])));
    expect(answer.includes('Content-Type: text/html')).toBe(isPage);
    expect(answer.includes('Content-Type: application/problem+json')).toBe(!isPage);
    expect(answer).toContain('\r\nVary: Accept\r\n');
  });

  it('is none in production, where nothing varies', async () => {
    const { exchange } = await serve((server) => server.get('/', fail));
    expect(await exchange(request('GET /', 'Accept: text/html'))).not.toContain('Vary');
  });
});
