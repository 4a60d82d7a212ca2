import { describe, expect, it } from 'vitest';
import type { Middleware } from '../../src/http/handler.js';
import type { Request } from '../../src/http/request.js';
import type { Response } from '../../src/http/response.js';
import { compose, composeChecked } from '../../src/server/middleware.js';

const req = {} as Request;
const res = {} as Response;

describe.each([
  ['compose', compose],
  ['composeChecked', composeChecked],
])('%s', (_title, join) => {
  it('runs the first outermost, the handler innermost', async () => {
    const order: string[] = [];
    const named =
      (name: string): Middleware =>
      async (req, res, next) => {
        order.push(`${name} in`);
        await next(req, res);
        order.push(`${name} out`);
      };
    await join([named('a'), named('b')], () => void order.push('handler'))(req, res);
    expect(order).toEqual(['a in', 'b in', 'handler', 'b out', 'a out']);
  });

  it('is the handler itself where there is no middleware', () => {
    const handler = () => {};
    expect(join([], handler)).toBe(handler);
  });

  it('puts no promise behind what is synchronous', () => {
    expect(join([(req, res, next) => next(req, res)], () => {})(req, res)).toBeUndefined();
  });

  it('passes on what it is given', () => {
    const other = {} as Response;
    let got: unknown;
    join([(req, _res, next) => next(req, other)], (_req, res) => {
      got = res;
    })(req, res);
    expect(got).toBe(other);
  });

  it('stops where next is not called', () => {
    let isCalled = false;
    join([() => {}], () => {
      isCalled = true;
    })(req, res);
    expect(isCalled).toBe(false);
  });

  it('lets errors through, thrown and rejected', async () => {
    const pass: Middleware = (req, res, next) => next(req, res);
    const error = new Error('a');
    expect(() =>
      join([pass], () => {
        throw error;
      })(req, res),
    ).toThrow(error);
    await expect(join([pass], () => Promise.reject(error))(req, res)).rejects.toBe(error);
  });

  it('serves requests at the same time without mixing them', async () => {
    const seen: unknown[] = [];
    const chain = join(
      [
        async (req, res, next) => {
          await Promise.resolve();
          await next(req, res);
        },
      ],
      (req) => void seen.push(req),
    );
    const [a, b] = [{} as Request, {} as Request];
    await Promise.all([chain(a, res), chain(b, res)]);
    expect(seen[0]).toBe(a);
    expect(seen[1]).toBe(b);
  });
});

describe('composeChecked', () => {
  it('names the middleware that calls next twice', () => {
    let handled = 0;
    const chain = composeChecked(
      [
        function twice(req, res, next) {
          void next(req, res);
          return next(req, res);
        },
      ],
      () => void handled++,
    );
    expect(() => chain(req, res)).toThrow('next was called twice by the middleware twice');
    expect(handled).toBe(1);
  });

  it.each<[string, Middleware]>([
    [
      'does not return what next returns',
      function dropping(req, res, next) {
        void next(req, res);
      },
    ],
    [
      'is async and does not await next',
      async function dropping(req, res, next) {
        void next(req, res);
      },
    ],
  ])('names the middleware that %s', async (_title, dropping) => {
    const chain = composeChecked([dropping], () => new Promise((resolve) => setImmediate(resolve)));
    await expect((async () => chain(req, res))()).rejects.toThrow(
      'The middleware dropping ended before next: return what next returns, or await it',
    );
  });
});
