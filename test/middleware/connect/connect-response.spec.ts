import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/index.js';
import { eventually, request, response, serve, undated } from '../../support/served.js';

/** The bytes of what a Connect-style middleware answers. */
async function answered(use: (res: ServerResponse) => unknown, line = 'GET /'): Promise<string> {
  const { exchange } = await serve((server) =>
    server.use(connect((_req: unknown, res: ServerResponse) => void use(res))).get('/', () => {}),
  );
  return undated(await exchange(request(line)));
}

const TEXT = 'Content-Type: text/plain; charset=utf-8';

describe('answers', () => {
  it.each<[string, (res: ServerResponse) => unknown, string]>([
    ['whole by end', (res) => res.end('hi'), response('200 OK', [TEXT, 'Content-Length: 2'], 'hi')],
    ['without content', (res) => res.end(), response('200 OK', ['Content-Length: 0'])],
    [
      'in an encoding',
      (res) => res.end('aGk=', 'base64'),
      response('200 OK', ['Content-Type: application/octet-stream', 'Content-Length: 2'], 'hi'),
    ],
    [
      'in pieces',
      (res) => {
        res.write('a');
        res.end('b');
      },
      response('200 OK', ['Transfer-Encoding: chunked'], '1\r\na\r\n1\r\nb\r\n0\r\n\r\n'),
    ],
    [
      'with the head of an object',
      (res) => res.writeHead(404, { 'X-A': 1, 'X-B': ['2', '3'] }).end(),
      response('404 Not Found', ['X-A: 1', 'X-B: 2', 'X-B: 3', 'Content-Length: 0']),
    ],
    [
      'with the head of a list, and a reason',
      (res) => res.writeHead(200, 'Fine', ['X-A', '1', 'X-B', '2'] as OutgoingHttpHeader[]).end(),
      response('200 Fine', ['X-A: 1', 'X-B: 2', 'Content-Length: 0']),
    ],
    [
      'with the head of pairs',
      (res) => res.writeHead(200, [['X-A', '1']] as unknown as OutgoingHttpHeaders).end(),
      response('200 OK', ['X-A: 1', 'Content-Length: 0']),
    ],
    [
      'with a status message',
      (res) => {
        res.statusCode = 404;
        res.statusMessage = 'Not Here';
        res.end();
      },
      response('404 Not Here', ['Content-Length: 0']),
    ],
    [
      'with trailers',
      (res) => {
        res.write('a');
        res.addTrailers({ 'X-T': '1' });
        res.end();
      },
      response('200 OK', ['Transfer-Encoding: chunked'], '1\r\na\r\n0\r\nX-T: 1\r\n\r\n'),
    ],
    [
      'with early hints',
      (res) => {
        res.writeEarlyHints({ Link: '</a.css>; rel=preload' });
        res.end();
      },
      `HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n${response('200 OK', ['Content-Length: 0'])}`,
    ],
    [
      'by a stream that is piped',
      (res) => Readable.from(['a', 'b']).pipe(res),
      response('200 OK', ['Transfer-Encoding: chunked'], '1\r\na\r\n1\r\nb\r\n0\r\n\r\n'),
    ],
    [
      'by a pipeline',
      (res) => pipeline(Readable.from(['a']), res),
      response('200 OK', ['Transfer-Encoding: chunked'], '1\r\na\r\n0\r\n\r\n'),
    ],
  ])('%s', async (_title, use, expected) => {
    expect(await answered(use)).toBe(expected);
  });

  it.each([
    ['a path', (res: Redirecting) => res.redirect('/a b'), '302 Found', '/a%20b'],
    ['a status and a path', (res: Redirecting) => res.redirect(303, '/a'), '303 See Other', '/a'],
    ['a path and a status', (res: Redirecting) => res.redirect('/a', 307), '307 Temporary Redirect', '/a'],
    [
      'a path that looks like a host',
      (res: Redirecting) => res.redirect('//evil.example'),
      '302 Found',
      '/.//evil.example',
    ],
  ])('by a redirection to %s', async (_title, use, status, location) => {
    expect(await answered(use as never)).toBe(response(status, [`Location: ${location}`, 'Content-Length: 0']));
  });

  it('to HEAD without content', async () => {
    expect(await answered((res) => res.end('hi'), 'HEAD /')).toBe(response('200 OK', [TEXT, 'Content-Length: 2']));
  });
});

interface Redirecting {
  redirect(first: string | number, second?: string | number): void;
}

it('gives back the fields that were set', async () => {
  const seen: unknown[] = [];
  await answered((res) => {
    res.setHeader('X-A', 1).setHeader('Set-Cookie', 'a=1').appendHeader('X-B', '2').appendHeader('x-b', ['3', '4']);
    seen.push(res.getHeader('x-a'), res.getHeader('set-cookie'), res.getHeader('X-B'), res.getHeader('no'));
    res.removeHeader('X-B');
    seen.push(res.hasHeader('x-b'), res.getHeaderNames(), { ...res.getHeaders() });
    res.setHeaders(new Map([['X-C', '5']])).end();
  });
  expect(seen).toEqual([
    '1',
    ['a=1'],
    ['2', '3', '4'],
    undefined,
    false,
    ['x-a', 'set-cookie'],
    { 'x-a': '1', 'set-cookie': ['a=1'] },
  ]);
});

it('says what has become of it', async () => {
  const seen: unknown[] = [];
  const note = (res: ServerResponse) =>
    seen.push([res.headersSent, res.writableEnded, res.finished, res.writableFinished, res.destroyed]);
  await answered((res) => {
    note(res);
    res.writeHead(200);
    note(res);
    res.on('finish', () => note(res)).on('close', () => seen.push('close'));
    res.end();
  });
  expect(seen).toEqual([
    [false, false, false, false, false],
    [true, false, false, false, false],
    [true, true, true, true, false],
    'close',
  ]);
});

it('calls back when it has finished, whatever end was given', async () => {
  const called: string[] = [];
  await answered((res) => res.end(() => called.push('one')));
  await answered((res) => res.end('a', () => called.push('two')));
  await answered((res) => res.end('a', 'utf8', () => called.push('three')));
  await answered((res) => {
    res.write('a', () => called.push('piece'));
    res.end();
  });
  expect(called).toEqual(['one', 'two', 'three', 'piece']);
});

it('refuses fields after the head, and content after the end', async () => {
  const failures: unknown[] = [];
  const attempt = (call: () => unknown) => {
    try {
      call();
    } catch (error) {
      failures.push((error as { code?: string }).code);
    }
  };
  await answered((res) => {
    res.writeHead(200);
    attempt(() => res.setHeader('a', 'b'));
    attempt(() => res.appendHeader('a', 'b'));
    attempt(() => res.removeHeader('a'));
    attempt(() => res.writeHead(200));
    res.end();
    res.write('late', (error) => failures.push((error as { code?: string } | undefined)?.code));
    expect(res.end('again')).toBe(res);
  });
  expect(failures).toEqual([...Array(4).fill('ERR_HTTP_HEADERS_SENT'), 'ERR_STREAM_WRITE_AFTER_END']);
});

it('holds back who writes faster than the client reads', async () => {
  let isFull = false;
  let drained = 0;
  const { connect: connectClient } = await serve((server) =>
    server
      .use(
        connect((_req: unknown, res: ServerResponse) => {
          res.on('drain', () => {
            drained++;
            res.end();
          });
          while (res.write(Buffer.alloc(65_536))) {}
          isFull = true;
        }),
      )
      .get('/', () => {}),
  );
  const client = await connectClient();
  client.duplex.pause();
  client.send(request('GET /', 'Connection: close'));
  await eventually(() => isFull, 'write says no');
  expect(drained).toBe(0);
  client.duplex.resume();
  await client.until((received) => received.endsWith('0\r\n\r\n'));
  expect(drained).toBe(1);
});
