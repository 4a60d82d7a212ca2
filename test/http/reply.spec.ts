import { describe, expect, it } from 'vitest';
import { FileBody, Reply, type ReplyHeaders } from '../../src/http/reply.js';

describe('Reply', () => {
  it('holds status, body and fields', () => {
    expect(new Reply(201, { id: 7 }, { Location: '/7' })).toMatchObject({
      status: 201,
      body: { id: 7 },
      headers: { Location: '/7' },
    });
    expect(new Reply(204)).toMatchObject({ status: 204, body: undefined, headers: {} });
  });

  it.each([199, 600, 100, 200.5, Number.NaN])('refuses the status %d', (status) => {
    expect(() => new Reply(status)).toThrow(
      new RangeError(`Reply: a final status is a whole number from 200 to 599, got ${status}`),
    );
  });

  const source = (async function* () {})();
  it.each<[title: string, reply: Reply, status: number, body: unknown, headers: ReplyHeaders]>([
    ['created', Reply.created('/é'), 201, undefined, { Location: '/%C3%A9' }],
    ['created with a body', Reply.created('/7', { id: 7 }), 201, { id: 7 }, { Location: '/7' }],
    ['created with fields', Reply.created('/7', 1, { ETag: '"1"' }), 201, 1, { ETag: '"1"', Location: '/7' }],
    ['noContent', Reply.noContent(), 204, undefined, {}],
    ['redirect', Reply.redirect('//evil.example'), 303, undefined, { Location: '/.//evil.example' }],
    ['redirect for good', Reply.redirect('/b', 308), 308, undefined, { Location: '/b' }],
    [
      'redirect to a URL',
      Reply.redirect(new URL('https://a.example'), 302),
      302,
      undefined,
      { Location: 'https://a.example/' },
    ],
    [
      'redirect with lines',
      Reply.redirect('/', 303, { 'Set-Cookie': ['a=1', 'b=2'] }),
      303,
      undefined,
      { 'Set-Cookie': ['a=1', 'b=2'], Location: '/' },
    ],
    ['notModified', Reply.notModified({ ETag: '"a"' }), 304, undefined, { ETag: '"a"' }],
    ['stream', Reply.stream(source), 200, source, { 'Content-Type': 'application/octet-stream' }],
    ['file', Reply.file('/a.pdf'), 200, new FileBody('/a.pdf', {}), {}],
    [
      'file below a root',
      Reply.file('a', { root: '/b' }, { 'X-A': '1' }),
      200,
      new FileBody('a', { root: '/b' }),
      { 'X-A': '1' },
    ],
    ['stream of a type', Reply.stream(source, 'text/csv'), 200, source, { 'Content-Type': 'text/csv' }],
  ])('makes %s', (_title, reply, status, body, headers) => {
    expect(reply).toBeInstanceOf(Reply);
    expect([reply.status, reply.body, reply.headers]).toEqual([status, body, headers]);
  });

  it.each([300, 304, 305, 306, 200, Number.NaN])('redirects by no %d', (status) => {
    expect(() => Reply.redirect('/', status as 303)).toThrow(
      new RangeError(`Reply.redirect: the status is one of 301, 302, 303, 307, 308, got ${status}`),
    );
  });
});
