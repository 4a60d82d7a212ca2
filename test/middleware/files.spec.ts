import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Controller, createApp, files, Get, type Middleware, Use } from '../../src/index.js';
import type { FilesOptions } from '../../src/middleware/files.js';
import { folderOf } from '../support/files.js';
import { request, requestWith, response, serve, undated } from '../support/served.js';

const ROOT = folderOf({
  'public/index.html': '<h1>start',
  'public/a.txt': 'a',
  'public/a b.txt': 'space',
  'public/ü.txt': 'umlaut',
  'public/a%b.txt': 'percent',
  'public/docs/index.html': '<h1>docs',
  'public/docs/a.txt': 'docs a',
  'public/images/b.png': 'png',
  'public/.env': 'SECRET',
  'public/.git/config': 'SECRET',
  'public/app.js': 'let a;',
  'public/app.js.gz': 'GZIP',
  'secret.txt': 'SECRET',
  'public-too/c.txt': 'SECRET',
});
const PUBLIC = join(ROOT, 'public');
symlinkSync('../secret.txt', join(PUBLIC, 'link.txt'));
symlinkSync('..', join(PUBLIC, 'up'));
mkdirSync(join(PUBLIC, 'empty'));

async function served(options?: FilesOptions, ...others: Middleware[]) {
  return serve((server) => {
    for (const one of others) server.use(one);
    server
      .use(files(PUBLIC, options))
      .get('/images', (_req, res) => void res.send('route'))
      .get('/nothing', (_req, res) => void res.send('route'))
      .post('/a.txt', (_req, res) => void res.send('posted'));
  });
}

async function answer(line: string, options?: FilesOptions, ...fields: string[]) {
  const { exchange } = await served(options);
  return undated(await exchange(request(line, ...fields)));
}

const contentOf = (wire: string) => wire.slice(wire.indexOf('\r\n\r\n') + 4);

describe('files', () => {
  it.each([
    ['/a.txt', 'a'],
    ['/a%20b.txt', 'space'],
    ['/%C3%BC.txt', 'umlaut'],
    ['/a%25b.txt', 'percent'],
    ['/%61.txt', 'a'],
    ['/a.txt?v=1', 'a'],
    ['/docs/a.txt', 'docs a'],
    ['/', '<h1>start'],
    ['/docs/', '<h1>docs'],
    ['http://h/a.txt', 'a'],
    ['/up/public/a.txt', 'a'],
  ])('serves %s', async (target, content) => {
    const wire = await answer(`GET ${target}`);
    expect(wire).toContain('HTTP/1.1 200 OK');
    expect(contentOf(wire)).toBe(content);
  });

  it.each([
    '/secret.txt',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/.%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/docs/../../secret.txt',
    '/docs/%2e%2e/%2e%2e/secret.txt',
    '/docs/../a.txt',
    '/./a.txt',
    '//a.txt',
    '/docs//a.txt',
    '/docs%2fa.txt',
    '/../public-too/c.txt',
    '/a.txt%00',
    '/a.txt%00.html',
    '/.env',
    '/%2eenv',
    '/.git/config',
    '/docs/../.env',
    '/link.txt',
    '/up/secret.txt',
    '/a.txt/',
    '/empty/',
    '/empty',
    '/%252e%252e/secret.txt',
    '/C:/secret.txt',
    `/${'a'.repeat(3_000)}`,
    `/${'a/'.repeat(3_000)}`,
  ])('leaves %s to the router', async (target) => {
    // A backslash is no character of a target; the parser refuses it.
    const wire = await answer(`GET ${target}`);
    expect(wire).toMatch(/^HTTP\/1.1 40[04] /);
    expect(wire).not.toContain('SECRET');
  });

  it('leaves a path that is no UTF-8 to the router, which answers 400', async () => {
    expect(await answer('GET /%ff')).toContain('HTTP/1.1 400');
  });

  it('answers HEAD without the content', async () => {
    const wire = await answer('HEAD /a.txt');
    expect(wire).toContain('Content-Length: 1\r\n');
    expect(contentOf(wire)).toBe('');
  });

  it('leaves other methods to the router, and 405 as it is', async () => {
    const { exchange } = await served();
    expect(await exchange(requestWith('', 'POST /a.txt'))).toMatch(/posted$/);
    const wire = await exchange(requestWith('', 'PUT /a.txt'));
    expect(wire).toContain('HTTP/1.1 405');
    expect(wire).toContain('Allow: OPTIONS, POST');
  });

  it('leaves what is not there to the routes', async () => {
    expect(contentOf(await answer('GET /nothing'))).toBe('route');
  });

  it('leaves a folder without an index to the routes', async () => {
    expect(contentOf(await answer('GET /images'))).toBe('route');
  });

  it('answers before a route of the same path', async () => {
    const { exchange } = await serve((server) =>
      server.use(files(PUBLIC)).get('/a.txt', (_req, res) => void res.send('route')),
    );
    expect(contentOf(await exchange(request('GET /a.txt')))).toBe('a');
  });

  it.each([
    ['/docs', '/docs/'],
    ['/docs?a=//evil', '/docs/?a=//evil'],
    ['/%64ocs', '/%64ocs/'],
  ])('sends %s on to %s', async (target, location) => {
    expect(await answer(`GET ${target}`)).toBe(
      response('301 Moved Permanently', [`Location: ${location}`, 'Content-Length: 0']),
    );
  });

  it.each(['//docs', '//evil.example/docs', '/%2fevil.example/docs', '//evil.example/%2e%2e/docs', '/\\evil.example'])(
    'sends nobody on from %s',
    async (target) => {
      expect(await answer(`GET ${target}`)).not.toContain('Location');
    },
  );

  it('has no index where it is told so', async () => {
    expect(await answer('GET /docs/', { index: false })).toContain('HTTP/1.1 404');
    expect(await answer('GET /docs', { index: false })).toContain('HTTP/1.1 404');
  });

  it('takes the first index that is there', async () => {
    expect(contentOf(await answer('GET /docs/', { index: ['nothing.html', 'a.txt', 'index.html'] }))).toBe('docs a');
  });

  it.each([
    ['/static/a.txt', 'a'],
    ['/static/', '<h1>start'],
  ])('serves %s below a prefix', async (target, content) => {
    expect(contentOf(await answer(`GET ${target}`, { prefix: '/static' }))).toBe(content);
    expect(contentOf(await answer(`GET ${target}`, { prefix: '/static/' }))).toBe(content);
  });

  it.each(['/docs/a.txt', '/statica.txt', '/static-too/a.txt', '/'])(
    'leaves %s outside of a prefix',
    async (target) => {
      expect(await answer(`GET ${target}`, { prefix: '/static' })).toContain('HTTP/1.1 404');
    },
  );

  it('sends the prefix alone on to its folder', async () => {
    expect(await answer('GET /static', { prefix: '/static' })).toContain('Location: /static/\r\n');
  });

  it('serves dot files and links where it is told', async () => {
    expect(contentOf(await answer('GET /.git/config', { dotFiles: true }))).toBe('SECRET');
    expect(contentOf(await answer('GET /link.txt', { symbolicLinks: 'follow' }))).toBe('SECRET');
  });

  it('chooses precompressed siblings where it is told', async () => {
    const wire = await answer('GET /app.js', { precompressed: true }, 'Accept-Encoding: gzip');
    expect(wire).toContain('Content-Encoding: gzip\r\n');
    expect(wire).toContain('Content-Type: text/javascript; charset=utf-8\r\n');
    expect(contentOf(wire)).toBe('GZIP');
  });

  it('answers a condition that fails through the usual reply to errors', async () => {
    const { exchange } = await served({}, (req, res, next) => {
      res.onHead((one) => void one.setHeader('X-Outer', '1'));
      return next(req, res);
    });
    const wire = await exchange(request('GET /a.txt', 'If-Match: "x"'));
    expect(wire).toContain('HTTP/1.1 412');
    expect(wire).toContain('Content-Type: application/problem+json\r\n');
    expect(wire).toContain('X-Outer: 1\r\n');
  });

  it('stands on a controller', async () => {
    @Controller('/shop')
    @Use(files(PUBLIC, { prefix: '/shop' }))
    class Shop {
      @Get('/*rest')
      rest() {
        return 'route';
      }
    }
    const app = await createApp({ controllers: [Shop] });
    await using test = await app.test();
    expect(await (await test.get('/shop/a.txt')).text()).toBe('a');
    expect(await (await test.get('/shop/other')).text()).toBe('route');
  });
});

describe('its options', () => {
  it.each<[title: string, root: string, options: object, message: string]>([
    ['a root that is not there', '/nowhere', {}, 'files: root must be a folder that is there, got "/nowhere"'],
    ['a root that is a file', join(PUBLIC, 'a.txt'), {}, 'files: root must be a folder that is there'],
    ['a prefix without a slash', PUBLIC, { prefix: 'a' }, 'files: prefix must be a path that starts with "/", got "a"'],
    ['an index with a path', PUBLIC, { index: '../a' }, 'files: index must be names of files, got "../a"'],
    ['a negative age', PUBLIC, { maxAge: -1 }, 'files: maxAge must be a whole number from 0, got -1'],
    ['unknown links', PUBLIC, { symbolicLinks: 'all' }, 'files: symbolicLinks must be "inside", "follow", "refuse"'],
    ['an unknown coding', PUBLIC, { precompressed: ['lz4'] }, 'files: precompressed must be a boolean, or a list'],
    ['text for a boolean', PUBLIC, { dotFiles: 'yes' }, 'files: dotFiles must be a boolean, got "yes"'],
    ['a number for a field', PUBLIC, { cacheControl: 1 }, 'files: cacheControl must be the value of the field'],
    ['what nobody reads', PUBLIC, { dotfiles: true }, 'files: unknown option "dotfiles"'],
  ])('refuse %s', (_title, root, options, message) => {
    expect(() => files(root, options)).toThrow(message);
  });
});
