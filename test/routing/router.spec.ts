import { describe, expect, it } from 'vitest';
import { parsePattern, RouteError } from '../../src/routing/route.js';
import { BAD_PATH, EMPTY, Router } from '../../src/routing/router.js';
import { fc } from '../support/properties.js';

/** A router whose values are the patterns themselves. */
function routerOf(...patterns: string[]): Router<string> {
  const router = new Router<string>();
  for (const pattern of patterns) router.on('GET', pattern, pattern);
  return router;
}

describe('find', () => {
  it.each<[pattern: string, path: string, params: Record<string, string> | undefined]>([
    ['/', '/', {}],
    ['/', '//', undefined],
    ['/users', '/users', {}],
    ['/users', '/users/', undefined],
    ['/users', '/Users', undefined],
    ['/users/', '/users/', {}],
    ['/users/', '/users', undefined],
    ['/users/:id', '/users/42', { id: '42' }],
    ['/users/:id', '/users/', undefined],
    ['/users/:id', '/users', undefined],
    ['/users/:id', '/users/42/', undefined],
    ['/users/:id', '/users//', undefined],
    ['/users/:id', '/users//42', undefined],
    ['/users/:id/', '/users/42/', { id: '42' }],
    ['/users/:id/posts/:post', '/users/1/posts/2', { id: '1', post: '2' }],
    ['/:a/:b/:c/:d/:e/:f', '/1/2/3/4/5/6', { a: '1', b: '2', c: '3', d: '4', e: '5', f: '6' }],
    ['/users/:id?', '/users', {}],
    ['/users/:id?', '/users/42', { id: '42' }],
    ['/users/:id?', '/users/', undefined],
    ['/:id?', '/', {}],
    ['/:id?', '/42', { id: '42' }],
    ['/:a/:b?', '/1', { a: '1' }],
    ['/:a/:b?', '/1/2', { a: '1', b: '2' }],
    ['/files/*path', '/files/a/b', { path: 'a/b' }],
    ['/files/*path', '/files/a//b/', { path: 'a//b/' }],
    ['/files/*path', '/files/', { path: '' }],
    ['/files/*path', '/files//', { path: '/' }],
    ['/files/*path', '/files', undefined],
    ['/*path', '/', { path: '' }],
    ['/:user/*path', '/ann/a/b', { user: 'ann', path: 'a/b' }],
    ['/:user/*path', '//a', undefined],
    ['/:__proto__', '/x', JSON.parse('{"__proto__":"x"}')],
    ['/:constructor/*toString', '/a/b', { constructor: 'a', toString: 'b' }],
    ['/:größe', '/5', { größe: '5' }],
    ['/a', '*', undefined],
    ['/*path', '*', undefined],
    ['*', '*', {}],
    ['*', '/', undefined],
    ['*', '/*', undefined],
  ])('matches %s against %s', (pattern, path, params) => {
    const match = routerOf(pattern).find('GET', path);
    expect(match).toEqual(params && { value: pattern, params });
    if (typeof match === 'object') expect(Object.keys(match.params)).toEqual(Object.keys(params!));
  });

  it.each<[title: string, pattern: string, path: string, params: Record<string, string> | undefined]>([
    ['an escaped letter in a literal', '/users', '/%75sers', {}],
    ['an escaped reserved character in a literal', '/@me/a+b,c;d=e&f$', '/%40me/a%2Bb%2Cc%3Bd%3De%26f%24', {}],
    ['the same written raw', '/@me/a+b,c;d=e&f$', '/@me/a+b,c;d=e&f$', {}],
    ['UTF-8 in a literal', '/grüße', '/gr%C3%BC%c3%9fe', {}],
    ['a percent sign in a literal', '/100%', '/100%25', {}],
    ['a percent sign and digits in a path', '/:a', '/%2541', { a: '%41' }],
    ['a literal that is not the decoding twice', '/A', '/%2541', undefined],
    ['"?" and "#" in a parameter', '/:a/b', '/%3F%23/b', { a: '?#' }],
    ['"#" in a literal', '/c#/:a', '/c%23/1', { a: '1' }],
    ['a raw "#", which no target has', '/a', '/a#b', undefined],
    ['a raw "?", which no path has', '/a', '/a?b', undefined],
    ['a raw "#" in a parameter', '/:a', '/a#b', { a: 'a#b' }],
    ['";" as any other character', '/:a', '/a;b=c', { a: 'a;b=c' }],
    ['":" in a path', '/:a/:b', '/:b/::', { a: ':b', b: '::' }],
    ['"*" in a path', '/:a', '/*', { a: '*' }],
    ['an escaped slash in a parameter', '/:a/b', '/x%2Fy/b', { a: 'x/y' }],
    ['an escaped slash that is no separator', '/a/b', '/a%2Fb', undefined],
    ['an escaped slash in a rest', '/*a', '/x%2fy/z', { a: 'x/y/z' }],
    ['a lone escaped slash', '/:a', '/%2F', { a: '/' }],
    ['NUL in a parameter', '/:a', '/%00o%00', { a: '\0o\0' }],
    ['NUL in a literal', '/\0o/:a', '/%00o/1', { a: '1' }],
    ['a raw NUL that would spell another literal', '/c#', '/c\0c', undefined],
    ['"+" as itself', '/:a', '/a+b', { a: 'a+b' }],
    ['an emoji', '/:a', '/%F0%9F%98%80', { a: '😀' }],
    ['dot segments, which the router leaves alone', '/:a/:b', '/./..', { a: '.', b: '..' }],
    ['an absolute URL inside', '/*a', '/http://x/y', { a: 'http://x/y' }],
  ])('compares decoded: %s', (_title, pattern, path, params) => {
    expect(routerOf(pattern).find('GET', path)).toEqual(params && { value: pattern, params });
  });

  it.each(['/%', '/%2', '/%zz', '/a/%E2%82', '/%ff', '/%C0%AF', '/%ED%A0%80', '/%F4%90%80%80', '/a%20b/%', '/%80'])(
    'tells that %s is not percent-encoded UTF-8',
    (path) => {
      const router = routerOf('/:a', '/*rest');
      expect(router.find('GET', path)).toBe(BAD_PATH);
      expect(router.find('HEAD', path)).toBe(BAD_PATH);
      expect(router.find('PURGE', path)).toBe(BAD_PATH);
      expect(router.allowed(path)).toEqual([]);
    },
  );

  it.each([
    ['a literal over a parameter', ['/users/me', '/users/:id'], '/users/me', '/users/me'],
    ['a parameter over a rest', ['/a/:b', '/a/*b'], '/a/x', '/a/:b'],
    ['a rest where the parameter would be empty', ['/a/:b', '/a/*b'], '/a/', '/a/*b'],
    ['a rest where a later parameter would be empty', ['/a/:b/:c', '/a/*b'], '/a/x/', '/a/*b'],
    ['a parameter under a dead-end literal', ['/a/b/c', '/a/:x/d'], '/a/b/d', '/a/:x/d'],
    ['a rest under a dead-end parameter', ['/a/:x/c', '/a/*x'], '/a/b/d', '/a/*x'],
    ['the earliest literal', ['/a/:x/:y', '/:x/b/c'], '/a/b/c', '/a/:x/:y'],
    ['the whole segment, not its beginning', ['/abc', '/:x'], '/abcd', '/:x'],
    ['the whole segment, not its first half', ['/abc/x', '/:x/y'], '/abc/y', '/:x/y'],
    ['the trailing slash over an empty rest', ['/a/', '/a/*x'], '/a/', '/a/'],
    ['an optional parameter over a rest', ['/a/:b?', '/*x'], '/a', '/a/:b?'],
  ])('prefers %s, whatever the order', (_title, patterns, path, winner) => {
    expect(routerOf(...patterns).find('GET', path)).toMatchObject({ value: winner });
    expect(routerOf(...patterns.reverse()).find('GET', path)).toMatchObject({ value: winner });
  });

  it('matches parameters of any length', () => {
    const long = 'x'.repeat(100_000);
    expect(routerOf('/:a').find('GET', `/${long}`)).toEqual({ value: '/:a', params: { a: long } });
  });

  it('gives params that inherit nothing', () => {
    const match = routerOf('/:a').find('GET', '/x') as { params: object };
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(name in match.params).toBe(false);
  });

  it('shares one frozen object where there are no params', () => {
    expect(routerOf('/a').find('GET', '/a')).toHaveProperty('params', EMPTY);
    expect(Object.isFrozen(EMPTY)).toBe(true);
  });

  it('keeps values as they are, undefined and functions too', () => {
    const router = new Router<unknown>();
    router.on('GET', '/a/:b', undefined);
    expect(router.find('GET', '/a/1')).toEqual({ value: undefined, params: { b: '1' } });
  });
});

describe('methods', () => {
  const router = new Router<string>();
  router.on('GET', '/a', 'get a');
  router.on('HEAD', '/b', 'head b');
  router.on('GET', '/b', 'get b');
  router.on('QUERY', '/a', 'query a');
  router.on('M-SEARCH', '*', 'search');
  router.on('CONNECT', '*', 'connect');
  router.on('__proto__', '/a', 'odd');
  router.on('PUT', '/things/:id', 'put thing');

  it('finds by any token, case-sensitively', () => {
    expect(router.find('QUERY', '/a')).toMatchObject({ value: 'query a' });
    expect(router.find('__proto__', '/a')).toMatchObject({ value: 'odd' });
    expect(router.find('get', '/a')).toBeUndefined();
    expect(router.find('toString', '/a')).toBeUndefined();
  });

  it('finds HEAD in the routes of GET, after its own', () => {
    expect(router.find('HEAD', '/a')).toMatchObject({ value: 'get a' });
    expect(router.find('HEAD', '/b')).toMatchObject({ value: 'head b' });
    expect(router.find('HEAD', '/things/1')).toBeUndefined();
  });

  it.each(['*', 'example.com:443', ''])('takes %j for a request without a path', (path) => {
    expect(router.find('CONNECT', path)).toEqual({ value: 'connect', params: {} });
    expect(router.find('M-SEARCH', path)).toEqual({ value: 'search', params: {} });
    expect(router.find('GET', path)).toBeUndefined();
  });

  it.each([
    ['/a', ['GET', 'HEAD', 'OPTIONS', 'QUERY', '__proto__']],
    ['/b', ['GET', 'HEAD', 'OPTIONS']],
    ['/things/1', ['OPTIONS', 'PUT']],
    ['/things/', []],
    ['/none', []],
    ['*', ['CONNECT', 'M-SEARCH', 'OPTIONS']],
  ])('allows on %s %j', (path, methods) => {
    expect(router.allowed(path)).toEqual(methods);
  });

  it('lists all methods', () => {
    expect(router.allMethods()).toEqual(['CONNECT', 'GET', 'HEAD', 'M-SEARCH', 'OPTIONS', 'PUT', 'QUERY', '__proto__']);
    expect(new Router().allMethods()).toEqual([]);
  });

  it('knows the methods in use, and HEAD with GET', () => {
    const small = new Router<string>();
    expect(small.knows('HEAD')).toBe(false);
    small.on('GET', '/', '');
    expect(['GET', 'HEAD', 'POST', 'OPTIONS'].map((method) => small.knows(method))).toEqual([true, true, false, false]);
  });

  it('iterates over routes in the order of registration', () => {
    const small = new Router<number>();
    small.on('PUT', '/b/:c?', 1, 'B.put');
    small.on('GET', '/a', 2);
    expect([...small.routes()]).toEqual([
      { method: 'PUT', pattern: '/b/:c?', route: parsePattern('/b/:c?'), value: 1, place: 'B.put' },
      { method: 'GET', pattern: '/a', route: parsePattern('/a'), value: 2, place: undefined },
    ]);
  });
});

describe('on', () => {
  it.each([
    [
      'the same pattern',
      '/users/:id',
      '/users/:id',
      'GET /users/:id is already registered by User.show; User.find would never run',
    ],
    [
      'other names for the same',
      '/users/:id',
      '/users/:name',
      'GET /users/:name is already registered as /users/:id by User.show; User.find would never run',
    ],
    ['rests', '/a/*b', '/a/*c', 'GET /a/*c is already registered as /a/*b by User.show; User.find would never run'],
    ['"*"', '*', '*', 'GET * is already registered by User.show; User.find would never run'],
    ['"/"', '/', '/', 'GET / is already registered by User.show; User.find would never run'],
    [
      'two optional parameters',
      '/a/:b?',
      '/a/:c?',
      'GET /a/:c? is already registered as /a/:b? by User.show; User.find would never run',
    ],
    [
      'an optional parameter over what it leaves',
      '/a',
      '/a/:b?',
      'GET /a/:b? of User.find also matches /a, which is already registered as /a by User.show',
    ],
    [
      'what an optional parameter leaves',
      '/:b?',
      '/',
      'GET / of User.find also matches /, which is already registered as /:b? by User.show',
    ],
  ])('refuses %s twice', (_title, first, second, message) => {
    const router = new Router<number>();
    router.on('GET', first, 1, 'User.show');
    expect(() => router.on('GET', second, 2, 'User.find')).toThrow(new RouteError(message));
    expect([...router.routes()]).toHaveLength(1);
    router.on('POST', second, 3);
  });

  it('refuses a duplicate without places', () => {
    const router = routerOf('/a/:b');
    expect(() => router.on('GET', '/a/:c', '')).toThrow(new RouteError('GET /a/:c is already registered as /a/:b'));
    expect(() => router.on('GET', '/a/:b', '')).toThrow(new RouteError('GET /a/:b is already registered'));
  });

  it('registers nothing of a route that clashes in part', () => {
    const router = routerOf('/a/:b');
    expect(() => router.on('GET', '/a/:x?', '')).toThrow(RouteError);
    expect(router.find('GET', '/a')).toBeUndefined();
  });

  it('refuses a path for CONNECT', () => {
    const message = 'path must be "*", since CONNECT has no path, got "/tunnel"';
    expect(() => new Router().on('CONNECT', '/tunnel', 1)).toThrow(new RouteError(message));
  });

  it('leaves no trace of a method whose only route was refused', () => {
    const router = new Router();
    expect(() => router.on('CONNECT', '/tunnel', 1)).toThrow();
    expect(() => router.on('PUT', 'tunnel', 1)).toThrow();
    expect(router.knows('CONNECT') || router.knows('PUT')).toBe(false);
  });
});

/** What `pattern`, without an optional parameter, reads from `path`. */
function readLinearly(pattern: string, path: string): Record<string, string> | undefined {
  const [parts, texts] = [pattern.split('/'), path.split('/').map(decodeURIComponent)];
  const params: Record<string, string> = {};
  for (const [i, part] of parts.entries()) {
    if (i >= texts.length) return undefined;
    if (part.startsWith('*')) return { ...params, [part.slice(1)]: texts.slice(i).join('/') };
    if (part.startsWith(':') ? texts[i] === '' : texts[i] !== part) return undefined;
    if (part.startsWith(':')) params[part.slice(1)] = texts[i];
  }
  return parts.length === texts.length ? params : undefined;
}

/** What a router is, said slowly: tries every pattern, and takes the match with the most literal beginning. */
function findLinearly(patterns: readonly string[], path: string): { value: string; params: object } | undefined {
  const rank = (plain: string) =>
    plain
      .split('/')
      .map((part) => ({ ':': 1, '*': 2 })[part[0]] ?? 0)
      .join('');
  return patterns
    .flatMap((value) =>
      (value.endsWith('?') ? [value.slice(0, -1), value.replace(/.:\w+\?$/, '') || '/'] : [value]).map((plain) => ({
        value,
        plain,
      })),
    )
    .sort((a, b) => (rank(a.plain) < rank(b.plain) ? -1 : 1))
    .map(({ value, plain }) => ({ value, params: readLinearly(plain, path) }))
    .find((match): match is { value: string; params: Record<string, string> } => match.params !== undefined);
}

/** Few and short words, prefixes of one another, so that routes meet. */
const word = fc.constantFrom('a', 'ab', 'abc', 'b', 'é');
const pattern = fc
  .tuple(fc.array(fc.oneof(word, fc.constant(':')), { maxLength: 4 }), fc.constantFrom('', '', ':?', '*', '/'))
  .map(([segments, end]) => {
    const parts = end === '' || end === '/' ? segments : [...segments, end];
    const named = parts.map((part, i) => part.replace(/^[:*]/, (mark) => `${mark}p${i}`));
    return `/${named.join('/')}${end === '/' && named.length > 0 ? '/' : ''}`;
  });
const rawSegment = fc.oneof(word, fc.constantFrom('', 'x', 'ab%2Fc', '%61%62', '%C3%A9', '%25', '%3F', '%00', 'a%23'));
const path = fc.array(rawSegment, { maxLength: 6 }).map((segments) => `/${segments.join('/')}`);

describe('a random set of routes', () => {
  it('agrees with a linear matcher, in any order of registration', () => {
    fc.assert(
      fc.property(
        fc.array(pattern, { maxLength: 25 }),
        fc.array(path, { minLength: 1, maxLength: 10 }),
        (patterns, paths) => {
          const router = new Router<string>();
          const accepted = patterns.filter((candidate) => {
            try {
              router.on('GET', candidate, candidate);
              return true;
            } catch (error) {
              expect(error).toBeInstanceOf(RouteError);
              return false;
            }
          });
          const reversed = routerOf(...[...accepted].reverse());
          for (const path of paths) {
            const expected = findLinearly(accepted, path);
            expect(router.find('GET', path)).toEqual(expected);
            expect(reversed.find('GET', path)).toEqual(expected);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses exactly the patterns that would match the same paths', () => {
    const shapes = (text: string) => {
      const bare = text.replace(/([:*])\w+/g, '$1');
      return bare.endsWith('/:?') ? [bare.slice(0, -3) || '/', bare.slice(0, -1)] : [bare];
    };
    fc.assert(
      fc.property(pattern, pattern, (first, second) => {
        const router = routerOf(first);
        const clash = shapes(first).some((shape) => shapes(second).includes(shape));
        if (clash) expect(() => router.on('GET', second, second)).toThrow(RouteError);
        else router.on('GET', second, second);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives a result for any method and path, never a throw', () => {
    const router = routerOf('/', '/a/:b?', '/:a/:b/*c', '*');
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'binary' }), (method, path) => {
        router.find(method, path);
        router.find('GET', `/${path}`);
        router.allowed(`/a/${path}`);
      }),
    );
  });
});
