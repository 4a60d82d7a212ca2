import { describe, expect, it } from 'vitest';
import { HttpError } from '../../src/http/http-error.js';
import { requestContext } from '../../src/http/request-context.js';
import { type LogEntry, loggerInto, problem, REF, request, requestWith, serve, undated } from '../support/served.js';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

describe('the id of a request', () => {
  it('is a random UUID, the same whenever it is asked for', async () => {
    const { exchange } = await serve((server) => server.get('/', (req, res) => void res.send([req.id, req.id].join())));
    const [first = '', second] = (await exchange(request('GET /'))).split('\r\n\r\n')[1]?.split(',') ?? [];
    expect(first).toMatch(UUID);
    expect(second).toBe(first);
  });

  it('is the reference of an error, be it one that middleware chose', async () => {
    const { exchange, log } = await serve((server) =>
      server
        .use((req, res, next) => {
          req.id = 'from-the-gateway';
          return next(req, res);
        })
        .get('/', () => {
          throw new Error('lost');
        }),
    );
    expect(await exchange(request('GET /'))).toContain('"ref":"from-the-gateway"');
    expect(log).toMatchObject([{ fields: { ref: 'from-the-gateway' } }]);
  });
});

describe('a server that keeps the context', () => {
  it('gives the request in middleware, after its content, and to what answers its error', async () => {
    const seen: unknown[] = [];
    const log: LogEntry[] = [];
    const see = () => seen.push(requestContext()?.url.path);
    const logger = {
      ...loggerInto(log),
      error: () => {
        see();
      },
    };
    const { exchange } = await serve(
      (server) => {
        server
          .keepContext()
          .use((req, res, next) => {
            see();
            return next(req, res);
          })
          .post('/a', async (req) => {
            await req.json();
            see();
            await new Promise((resolve) => setImmediate(resolve));
            see();
            throw new Error('lost');
          });
      },
      { logger },
    );
    await exchange(requestWith('{}', 'POST /a'));
    expect(seen).toEqual(['/a', '/a', '/a', '/a']);
  });

  it('keeps that of two requests apart, and has none outside', async () => {
    const { exchange } = await serve((server) => {
      server.keepContext().get('/:name', async (_req, res) => {
        await new Promise((resolve) => setImmediate(resolve));
        res.send(requestContext()?.params.name ?? '');
      });
    });
    const answers = await Promise.all(['a', 'b'].map((name) => exchange(request(`GET /${name}`))));
    expect(answers.map((answer) => answer.at(-1))).toEqual(['a', 'b']);
    expect(requestContext()).toBeUndefined();
  });
});

describe('a server without a context', () => {
  it('has none in a handler', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => void res.send(String(requestContext()))),
    );
    expect(await exchange(request('GET /'))).toMatch(/undefined$/);
  });
});

describe('the error handler', () => {
  const failing = (errorHandler: NonNullable<import('../../src/server/server.js').Server['errorHandler']>) =>
    serve((server) => {
      server.errorHandler = errorHandler;
      server.get('/', (_req, res) => {
        res.setStatus(201).setContentType('text/html');
        throw new Error('lost');
      });
      server.get('/sent', (_req, res) => {
        res.send('sent');
        throw new Error('lost');
      });
    });

  it.each([
    ['at once', <T>(value: T): T => value],
    ['later', async <T>(value: T): Promise<T> => value],
  ])('answers in the place of the server, %s', async (_title, when) => {
    const { exchange, log } = await failing((error, _req, res) => {
      res.setStatus(418).send(String(error));
      return when(true) as boolean;
    });
    expect(await exchange(request('GET /'))).toMatch(/^HTTP\/1\.1 418 .*text\/plain.*Error: lost$/s);
    expect(log).toEqual([]);
  });

  it.each([
    ['at once', false],
    ['later', Promise.resolve(false)],
  ])('leaves the answer to the server, %s', async (_title, answered) => {
    const { exchange } = await failing(() => answered);
    expect(undated(await exchange(request('GET /')))).toBe(problem('500 Internal Server Error', { ref: REF }));
  });

  it.each([
    [
      'throws',
      () => {
        throw new HttpError('Not here', 404);
      },
    ],
    ['rejects with', () => Promise.reject(new HttpError('Not here', 404))],
  ])('%s what is answered instead', async (_title, handler) => {
    const { exchange } = await failing(handler);
    expect(undated(await exchange(request('GET /')))).toBe(problem('404 Not Found', { detail: 'Not here' }));
  });

  it('is not asked where the answer has left', async () => {
    let asked = 0;
    const { exchange } = await failing(() => {
      asked++;
      return false;
    });
    expect(await exchange(request('GET /sent'))).toMatch(/sent$/);
    expect(asked).toBe(0);
  });
});
