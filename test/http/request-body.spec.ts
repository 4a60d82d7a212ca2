import { describe, expect, it } from 'vitest';
import type { Request } from '../../src/http/request.js';
import { eventually, problem, request, requestWith, seen, serve, settled, text, undated } from '../support/served.js';

describe('the content', () => {
  it('is read as bytes, text, JSON or form', async () => {
    expect(await seen(requestWith('\xff\0', 'POST /'), (req) => req.bytes())).toEqual(Buffer.from([0xff, 0]));
    expect(await seen(requestWith('\xc3\xa9', 'POST /'), (req) => req.text())).toBe('é');
    expect(await seen(requestWith('{"a":1}', 'POST /'), (req) => req.json())).toEqual({ a: 1 });
    const form = await seen(requestWith('a=1+2&b=%26&a=3', 'POST /'), (req) => req.form());
    expect([...form]).toEqual([
      ['a', '1 2'],
      ['b', '&'],
      ['a', '3'],
    ]);
  });

  it('is empty where there is none', async () => {
    expect(await seen(request('POST /'), (req) => req.bytes())).toHaveLength(0);
    expect(await seen(`${request('POST /', 'Transfer-Encoding: chunked')}0\r\n\r\n`, (req) => req.text())).toBe('');
  });

  it('is the same when it is read again, in any form', async () => {
    const [bytes, again, content] = await seen(requestWith('1', 'POST /'), async (req) => [
      await req.bytes(),
      await req.bytes(),
      await req.json(),
    ]);
    expect(again).toBe(bytes);
    expect(content).toBe(1);
  });

  it('is decoded from chunks, however they are cut', async () => {
    const pieces: string[] = [];
    const { connect } = await serve((server) =>
      server.post('/', async (req, res) => {
        for await (const piece of req.stream) pieces.push(Buffer.from(piece).toString());
        res.send(pieces.join(''));
      }),
    );
    const client = await connect();
    for (const byte of `${request('POST /', 'Transfer-Encoding: chunked')}5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n`) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(undated(await client.response())).toBe(text('hello!'));
    expect(pieces.length).toBe(6);
  });

  it.each<
    [
      title: string,
      bytes: string,
      read: (req: Request) => Promise<unknown>,
      status: string,
      members: object,
      isLast: boolean,
    ]
  >([
    [
      'text that is no UTF-8',
      requestWith('\xff', 'POST /'),
      (req) => req.text(),
      '400 Bad Request',
      { detail: 'The content is not valid UTF-8.' },
      false,
    ],
    [
      'JSON that is none',
      requestWith('{', 'POST /'),
      (req) => req.json(),
      '400 Bad Request',
      { detail: 'The content is not valid JSON: unexpected end at offset 1.', offset: 1 },
      false,
    ],
    [
      'malformed chunks',
      `${request('POST /', 'Transfer-Encoding: chunked')}zz\r\n`,
      (req) => req.bytes(),
      '400 Bad Request',
      { detail: 'A chunk size is not a hexadecimal number.' },
      true,
    ],
  ])('is refused: %s', async (_title, bytes, read, status, members, isLast) => {
    const { connect, log } = await serve((server) =>
      server.post('/', async (req, res) => void res.send(String(await read(req)))),
    );
    const client = (await connect()).send(bytes);
    expect(undated(await client.response())).toBe(problem(status, { ...members }, { isLast }));
    expect(log).toEqual([]);
  });

  it('cannot be read as a stream twice, nor as both', async () => {
    await seen(requestWith('abc', 'POST /'), async (req) => {
      for await (const _piece of req.stream);
      await expect(req.bytes()).rejects.toThrow('The content was already read as a stream');
      await expect(req.stream[Symbol.asyncIterator]().next()).rejects.toThrow('The content was already read');
    });
    await seen(requestWith('abc', 'POST /'), async (req) => {
      await req.bytes();
      await expect(req.stream[Symbol.asyncIterator]().next()).rejects.toThrow('The content was already read');
    });
  });

  it('cannot be read after the answer, so that the next request is left alone', async () => {
    let late: unknown;
    const { connect } = await serve((server) =>
      server
        .post('/', async (req, res) => {
          res.send('answered');
          await settled();
          late = await req.bytes().catch((error: Error) => error.message);
        })
        .post('/next', async (req, res) => {
          await eventually(() => late !== undefined, 'the late read is over');
          res.send(await req.text());
        }),
    );
    const client = (await connect()).send(requestWith('one', 'POST /') + requestWith('two', 'POST /next'));
    expect(undated(await client.response())).toBe(text('answered'));
    expect(undated(await client.response())).toBe(text('two'));
    expect(late).toBe('The content cannot be read any more: its request was answered');
  });

  it('rejects where the client leaves in the middle', async () => {
    let failure: unknown;
    const { connect, log } = await serve((server) =>
      server.post('/', async (req) => {
        failure = await req.bytes().catch((error: unknown) => error);
        throw failure;
      }),
    );
    const client = (await connect()).send(request('POST /', 'Content-Length: 5'));
    await settled();
    client.destroy();
    await eventually(() => failure !== undefined, 'the read has failed');
    expect(failure).toMatchObject({ name: 'ClientGone', message: 'The client closed the connection' });
    expect(log).toEqual([]);
  });
});
