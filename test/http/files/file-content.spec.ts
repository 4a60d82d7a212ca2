import { existsSync, renameSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { getDefaultHighWaterMark } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { type FileOptions, sendFile } from '../../../src/http/files/file-content.js';
import type { Response } from '../../../src/http/response.js';
import { folderOf, MODIFIED, openFilesIn, writeFile } from '../../support/files.js';
import { eventually, request, response, serve, settled, TRANSPORTS, undated } from '../../support/served.js';

const LARGE = 'x'.repeat(4_000_000);
const ROOT = folderOf({
  'a.txt': 'abcdefghij',
  'empty.txt': '',
  'script.js': 'let a;',
  'data.bin2': 'data',
  '100%.txt': 'percent',
  'page.html': '<p>',
  'page.html.br': 'brotli',
  'page.html.gz': 'gzip',
  'large.txt': LARGE,
  'sub/b.txt': 'b',
  '.env': 'SECRET',
});
const DATE = 'Fri, 02 Jan 2026 03:04:05 GMT';
/** 10 bytes, and the time of modification in µs. */
const TAG = `"a-${(MODIFIED.getTime() * 1000).toString(16)}"`;

/** Sends `path` to a GET for `/`. */
async function served(path: string, options: FileOptions = {}, prepare: (res: Response) => void = () => {}) {
  return serve((server) =>
    server
      .get('/', (req, res) => {
        prepare(res);
        return sendFile(req, res, path, { root: ROOT, ...options });
      })
      .post('/', (req, res) => sendFile(req, res, path, { root: ROOT, ...options })),
  );
}

async function answer(path: string, fields: readonly string[] = [], options?: FileOptions, line = 'GET /') {
  const { exchange } = await served(path, options);
  return undated(await exchange(request(line, ...fields)));
}

const WHOLE = response(
  '200 OK',
  [
    'Content-Type: text/plain; charset=utf-8',
    `ETag: ${TAG}`,
    'Cache-Control: public, max-age=0',
    'Accept-Ranges: bytes',
    `Last-Modified: ${DATE}`,
    'Content-Length: 10',
  ],
  'abcdefghij',
);
const [HEAD_OF_WHOLE] = WHOLE.split('abcdefghij');

describe('sendFile', () => {
  it('sends the file with what tells its state', async () => {
    expect(await answer('a.txt')).toBe(WHOLE);
  });

  it('sends the same head to HEAD', async () => {
    expect(await answer('a.txt', [], {}, 'HEAD /')).toBe(HEAD_OF_WHOLE);
  });

  it('sends an empty file', async () => {
    expect(await answer('empty.txt')).toMatch(/Content-Length: 0\r\n\r\n$/);
  });

  it('takes a name with a percent sign as it is', async () => {
    expect(await answer('100%.txt')).toMatch(/percent$/);
  });

  it('takes a trusted path from anywhere, dot files too', async () => {
    const { exchange } = await serve((server) => server.get('/', (req, res) => sendFile(req, res, join(ROOT, '.env'))));
    expect(await exchange(request('GET /'))).toMatch(/SECRET$/);
  });

  it.each([
    ['script.js', 'text/javascript; charset=utf-8'],
    ['page.html', 'text/html; charset=utf-8'],
    ['data.bin2', 'application/octet-stream'],
  ])('tells the type of %s', async (path, type) => {
    expect(await answer(path)).toContain(`Content-Type: ${type}\r\n`);
  });

  it.each([
    ['what is not there', 'nothing.txt'],
    ['what is below a file', 'a.txt/b'],
    ['a folder', 'sub'],
    ['the root', ''],
    ['what is above', '../a.txt'],
    ['an absolute path', join(ROOT, 'a.txt')],
    ['a dot file', '.env'],
    ['a NUL', 'a.txt\0'],
    ['half a surrogate pair', 'a\ud800'],
    ['too long a name', 'a'.repeat(5_000)],
  ])('answers 404 to %s', async (_title, path) => {
    expect(await answer(path)).toContain('HTTP/1.1 404');
  });

  it('serves dot files where it is told', async () => {
    expect(await answer('.env', [], { dotFiles: true })).toMatch(/SECRET$/);
  });

  it('serves no link that leads out of the root', async () => {
    const root = folderOf({ 'in.txt': 'inside' });
    symlinkSync(join(ROOT, 'a.txt'), join(root, 'out.txt'));
    symlinkSync('in.txt', join(root, 'link.txt'));
    expect(await answer('out.txt', [], { root })).toContain('HTTP/1.1 404');
    expect(await answer('out.txt', [], { root }, 'HEAD /')).toContain('HTTP/1.1 404');
    expect(await answer('out.txt', [], { root, symbolicLinks: 'follow' })).toMatch(/abcdefghij$/);
    expect(await answer('link.txt', [], { root })).toMatch(/inside$/);
    expect(await answer('link.txt', [], { root, symbolicLinks: 'refuse' })).toContain('HTTP/1.1 404');
  });

  it.each<[options: FileOptions, field: string | undefined]>([
    [{ maxAge: 60_000 }, 'public, max-age=60'],
    [{ maxAge: 60_000, immutable: true }, 'public, max-age=60, immutable'],
    [{ cacheControl: 'no-store' }, 'no-store'],
    [{ cacheControl: false }, undefined],
  ])('%j makes Cache-Control %s', async (options, field) => {
    expect(/Cache-Control: (.*)\r/.exec(await answer('a.txt', [], options))?.[1]).toBe(field);
  });

  it('leaves what the handler has set', async () => {
    const { exchange } = await served('a.txt', {}, (res) => {
      res.setHeader('ETag', '"mine"').setHeader('Cache-Control', 'private').setContentType('text/x-mine');
    });
    const wire = await exchange(request('GET /'));
    expect(wire).toContain('ETag: "mine"\r\n');
    expect(wire).toContain('Cache-Control: private\r\n');
    expect(wire).toContain('Content-Type: text/x-mine\r\n');
    expect(await exchange(request('GET /', 'If-None-Match: "mine"'))).toContain('HTTP/1.1 304');
  });

  it('is the content of another status as it is', async () => {
    const { exchange } = await served('a.txt', {}, (res) => void res.setStatus(404));
    const wire = await exchange(request('GET /', 'Range: bytes=0-1', `If-None-Match: ${TAG}`));
    expect(wire).toContain('HTTP/1.1 404');
    expect(wire).toMatch(/abcdefghij$/);
  });

  it('answers POST with all of the file, whatever the conditions', async () => {
    const wire = await answer(
      'a.txt',
      ['Content-Length: 0', `If-None-Match: ${TAG}`, 'Range: bytes=0-1'],
      {},
      'POST /',
    );
    expect(wire).toContain('HTTP/1.1 200');
    expect(wire).toMatch(/abcdefghij$/);
  });

  it('makes a weak tag of a file that may still be changing', async () => {
    const root = folderOf({});
    writeFile(root, 'new.txt', 'new');
    const { utimesSync } = await import('node:fs');
    utimesSync(join(root, 'new.txt'), new Date(), new Date());
    expect(await answer('new.txt', [], { root })).toMatch(/\r\nETag: W\/"/);
  });
});

describe('conditions', () => {
  it.each([
    [['If-None-Match: "x"'], '200'],
    [[`If-None-Match: ${TAG}`], '304'],
    [[`If-None-Match: W/${TAG}`], '304'],
    [[`If-Modified-Since: ${DATE}`], '304'],
    [['If-Modified-Since: Fri, 02 Jan 2026 03:04:04 GMT'], '200'],
    [[`If-Match: ${TAG}`], '200'],
    [['If-Match: "x"'], '412'],
    [['If-Unmodified-Since: Fri, 02 Jan 2026 03:04:04 GMT'], '412'],
    [[`If-Match: ${TAG}`, 'If-Unmodified-Since: Fri, 02 Jan 2026 03:04:04 GMT'], '200'],
  ])('%j gives %s', async (fields, status) => {
    expect(await answer('a.txt', fields)).toContain(`HTTP/1.1 ${status}`);
  });

  it('304 has what a cache updates, and nothing of the content', async () => {
    expect(await answer('a.txt', [`If-None-Match: ${TAG}`])).toBe(
      response('304 Not Modified', [`ETag: ${TAG}`, 'Cache-Control: public, max-age=0']),
    );
  });
});

describe('ranges', () => {
  it.each([
    ['bytes=2-4', '2-4', 'cde'],
    ['bytes=7-', '7-9', 'hij'],
    ['bytes=-2', '8-9', 'ij'],
    ['bytes=-99', '0-9', 'abcdefghij'],
    ['bytes=8-99', '8-9', 'ij'],
  ])('%s is %s', async (range, sent, content) => {
    const wire = await answer('a.txt', [`Range: ${range}`]);
    expect(wire).toContain('HTTP/1.1 206 Partial Content');
    expect(wire).toContain(`Content-Range: bytes ${sent}/10\r\n`);
    expect(wire).toContain(`Content-Length: ${content.length}\r\n`);
    expect(wire.slice(wire.indexOf('\r\n\r\n') + 4)).toBe(content);
  });

  it('beyond the end is 416, with the size', async () => {
    const wire = await answer('a.txt', ['Range: bytes=10-']);
    expect(wire).toContain('HTTP/1.1 416 Range Not Satisfiable');
    expect(wire).toContain('Content-Range: bytes */10\r\n');
  });

  it.each(['bytes=0-1,4-5', 'bytes=x', 'lines=1-2'])('%s is ignored', async (range) => {
    expect(await answer('a.txt', [`Range: ${range}`])).toBe(WHOLE);
  });

  it('is nothing to HEAD', async () => {
    expect(await answer('a.txt', ['Range: bytes=0-1'], {}, 'HEAD /')).toBe(HEAD_OF_WHOLE);
  });

  it.each([
    [TAG, '206'],
    [`W/${TAG}`, '200'],
    ['"x"', '200'],
    [DATE, '206'],
    ['Fri, 02 Jan 2026 03:04:06 GMT', '200'],
  ])('If-Range: %s gives %s', async (condition, status) => {
    expect(await answer('a.txt', ['Range: bytes=0-1', `If-Range: ${condition}`])).toContain(`HTTP/1.1 ${status}`);
  });
});

describe('precompressed siblings', () => {
  const options = { precompressed: true } as const;

  it.each([
    [[], undefined, '<p>'],
    [['Accept-Encoding: br, gzip'], 'br', 'brotli'],
    [['Accept-Encoding: gzip, br;q=0.5'], 'gzip', 'gzip'],
    [['Accept-Encoding: zstd'], undefined, '<p>'],
    [['Accept-Encoding: zstd, gzip'], 'gzip', 'gzip'],
    [['Accept-Encoding: identity, br;q=0.5'], undefined, '<p>'],
    [['Accept-Encoding: br;q=0'], undefined, '<p>'],
  ])('%j gives %s', async (fields, coding, content) => {
    const wire = await answer('page.html', fields, options);
    expect(/Content-Encoding: (.*)\r/.exec(wire)?.[1]).toBe(coding);
    expect(wire).toContain('Vary: Accept-Encoding\r\n');
    expect(wire).toContain('Content-Type: text/html; charset=utf-8\r\n');
    expect(wire.slice(wire.indexOf('\r\n\r\n') + 4)).toBe(content);
  });

  it('have tags of their own', async () => {
    const [plain, brotli] = await Promise.all(
      ['identity', 'br'].map(async (coding) => {
        const wire = await answer('page.html', [`Accept-Encoding: ${coding}`], options);
        return /ETag: (.*)\r/.exec(wire)?.[1];
      }),
    );
    expect(brotli).toMatch(/-br"$/);
    expect(await answer('page.html', ['Accept-Encoding: br', `If-None-Match: ${brotli}`], options)).toContain('304');
    expect(await answer('page.html', ['Accept-Encoding: br', `If-None-Match: ${plain}`], options)).toContain('200 OK');
  });

  it('make a 304 that varies too', async () => {
    const wire = await answer('page.html', ['If-None-Match: *'], options);
    expect(wire).toContain('304 Not Modified');
    expect(wire).toContain('Vary: Accept-Encoding\r\n');
  });

  it('are not looked for unless told', async () => {
    const wire = await answer('page.html', ['Accept-Encoding: br']);
    expect(wire).not.toMatch(/Vary|Content-Encoding/);
  });

  it('need the listed coding', async () => {
    expect(await answer('page.html', ['Accept-Encoding: br, gzip'], { precompressed: ['gzip'] })).toMatch(/gzip$/);
  });
});

describe('what happens meanwhile', () => {
  it('destroys the connection where the file has shrunk, and logs it', async () => {
    const root = folderOf({ 'log.txt': 'abcdefghij' });
    const { exchange, log } = await served('log.txt', { root }, (res) => {
      res.onHead(() => truncateSync(join(root, 'log.txt'), 4));
    });
    const wire = await exchange(request('GET /') + request('GET /'));
    expect(wire).toContain('Content-Length: 10\r\n');
    expect(wire).toMatch(/\r\n\r\n(abcd)?$/);
    expect(String(log[0]?.fields.err)).toContain('4 bytes were sent of a declared Content-Length of 10');
  });

  it('tells of the file that it sends where another takes the name while it is looked at', async () => {
    const root = folderOf({ 'a.txt': 'abcdefghij', 'b.txt': 'ABC' });
    const { exchange } = await served('a.txt', { root }, (res) => {
      // Asked for after the file was found, and before it is opened.
      vi.spyOn(res, 'getHeader').mockImplementationOnce(() => {
        renameSync(join(root, 'b.txt'), join(root, 'a.txt'));
        return undefined;
      });
    });
    const wire = await exchange(request('GET /'));
    expect(wire).toContain('ETag: "3-');
    expect(wire).toMatch(/Content-Length: 3\r\n\r\nABC$/);
  });

  it('sends what it has told of where another file takes the name', async () => {
    const root = folderOf({ 'a.txt': 'abcdefghij', 'b.txt': 'ABCDEFGHIJ' });
    const { exchange } = await served('a.txt', { root }, (res) => {
      res.onHead(() => renameSync(join(root, 'b.txt'), join(root, 'a.txt')));
    });
    expect(undated(await exchange(request('GET /')))).toBe(WHOLE);
  });

  it('sends no more of a file that grows than it has told', async () => {
    const root = folderOf({ 'log.txt': 'abcdefghij' });
    const { exchange } = await served('log.txt', { root }, (res) => {
      res.onHead(() => writeFile(root, 'log.txt', 'abcdefghijklm'));
    });
    expect(undated(await exchange(request('GET /')))).toBe(WHOLE);
  });

  it('reads no more than a buffer ahead of a client that does not', async () => {
    let sent: Response | undefined;
    const { connect } = await served('large.txt', {}, (res) => {
      sent = res;
    });
    const client = await connect();
    client.duplex.pause();
    client.send(request('GET /', 'Connection: close'));
    await eventually(() => (sent?.bytesSent ?? 0) > 0, 'the first piece is handed over');
    for (let i = 0; i < 20; i++) await settled();
    // What either end of the pair buffers, and a piece each.
    expect(sent?.bytesSent).toBeLessThanOrEqual(2 * (getDefaultHighWaterMark(false) + 16_384));
    client.duplex.resume();
    await client.all();
    expect(sent?.bytesSent).toBe(LARGE.length);
  });

  describe.skipIf(!existsSync('/proc/self/fd')).each(TRANSPORTS)('over %s', (transport) => {
    it('closes the file when the client leaves', async () => {
      let finished = false;
      const { connect } = await serve(
        (server) =>
          server.get('/', async (req, res) => {
            await sendFile(req, res, 'large.txt', { root: ROOT });
            finished = true;
          }),
        {},
        transport,
      );
      const client = await connect();
      client.send(request('GET /'));
      await client.until('\r\n\r\n');
      client.duplex.pause();
      expect(openFilesIn(ROOT)).toBe(1);
      client.destroy();
      await eventually(() => finished && openFilesIn(ROOT) === 0, 'the file is closed');
    });

    it('closes the file when it is sent, and after HEAD, 304, 206 and 416', async () => {
      const { exchange } = await serve(
        (server) => server.get('/', (req, res) => sendFile(req, res, 'a.txt', { root: ROOT })),
        {},
        transport,
      );
      await exchange(
        request('GET /') +
          request('HEAD /') +
          request('GET /', `If-None-Match: ${TAG}`) +
          request('GET /', 'Range: bytes=0-1') +
          request('GET /', 'Range: bytes=99-'),
      );
      await eventually(() => openFilesIn(ROOT) === 0, 'the file is closed');
    });

    it('closes the file where a listener of the head throws', async () => {
      const { exchange } = await serve(
        (server) =>
          server.get('/', (req, res) => {
            res.onHead(() => {
              throw new Error('listener broke');
            });
            return sendFile(req, res, 'large.txt', { root: ROOT });
          }),
        {},
        transport,
      );
      expect(await exchange(request('GET /'))).toContain('HTTP/1.1 500');
      await eventually(() => openFilesIn(ROOT) === 0, 'the file is closed');
    });
  });
});
