import { PassThrough } from 'node:stream';
import { createGunzip, createGzip, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HttpError } from '../../src/http/http-error.js';
import { eventually, problem, request, response, serve, TRANSPORTS, text, undated } from '../support/served.js';

/** The content of a chunked answer, as bytes. */
function chunkedContent(wire: string): Buffer {
  const pieces: string[] = [];
  let rest = wire.slice(wire.indexOf('\r\n\r\n') + 4);
  for (;;) {
    const size = Number.parseInt(rest, 16);
    const start = rest.indexOf('\r\n') + 2;
    if (size === 0) return Buffer.from(pieces.join(''), 'latin1');
    pieces.push(rest.slice(start, start + size));
    rest = rest.slice(start + size + 2);
  }
}

describe('onHead', () => {
  it('is called last added first, with the whole content', async () => {
    const seen: unknown[] = [];
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.onHead((_res, content) => seen.push(['outer', content]));
        res.onHead((one) => {
          seen.push('inner');
          one.setHeader('X-Inner', '1');
        });
        res.send('hi');
      }),
    );
    expect(undated(await exchange(request('GET /')))).toBe(
      response('200 OK', ['Content-Type: text/plain; charset=utf-8', 'X-Inner: 1', 'Content-Length: 2'], 'hi'),
    );
    expect(seen).toEqual(['inner', ['outer', 'hi']]);
  });

  it('turns an answer into 304, whose content stays behind', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.onHead((one) => void one.setStatus(304)).send('hi');
      }),
    );
    const [head, content] = (await exchange(request('GET /'))).split('\r\n\r\n');
    expect(head).toContain('304 Not Modified');
    // What a 200 would have had is not known: its content might have been encoded.
    expect(head).not.toContain('Content-Length');
    expect(content).toBe('');
  });

  it('has no content where it is streamed', async () => {
    const seen: unknown[] = [];
    const { exchange } = await serve((server) =>
      server.get('/', async (_req, res) => {
        res.onHead((_res, content) => seen.push(content));
        res.write('a');
        res.end();
      }),
    );
    await exchange(request('GET /'));
    expect(seen).toEqual([undefined]);
  });

  it('sees the answer to an error', async () => {
    const { exchange } = await serve((server) =>
      server
        .use((req, res, next) => {
          res.onHead((one) => void one.setHeader('X-Seen', String(one.status)));
          return next(req, res);
        })
        .get('/', () => {
          throw new Error('broken');
        }),
    );
    expect(await exchange(request('GET /'))).toContain('X-Seen: 500');
  });

  it('lets the error of a listener be answered', async () => {
    const { exchange, log } = await serve((server) =>
      server.get('/', (_req, res) => {
        res
          .onHead(() => {
            throw new Error('listener broke');
          })
          .send('hi');
      }),
    );
    expect(await exchange(request('GET /'))).toContain('HTTP/1.1 500');
    expect(log).toHaveLength(1);
  });

  it('leaves those outside of a listener that throws for the answer to its error, and no transform', async () => {
    const seen: string[] = [];
    const transform = new PassThrough();
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => {
        res
          .onHead((one) => seen.push(`outer ${one.status}`))
          .onHead(() => {
            throw new HttpError('Not so.', 412);
          })
          .onHead((one) => {
            seen.push('inner');
            one.setHeader('Content-Encoding', 'gzip').encode(transform);
          })
          .send('hi');
      }),
    );
    expect(undated(await exchange(request('GET /')))).toBe(problem('412 Precondition Failed', { detail: 'Not so.' }));
    expect(seen).toEqual(['inner', 'outer 412']);
    expect(transform.destroyed).toBe(true);
  });

  it('cancels a source whose answer a listener throws away', async () => {
    const source = new PassThrough();
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.onHead(() => {
          throw new HttpError('Not so.', 412);
        });
        return res.stream(source);
      }),
    );
    expect(await exchange(request('GET /'))).toContain('HTTP/1.1 412');
    expect(source.destroyed).toBe(true);
  });

  it('refuses a listener that sends', async () => {
    const { exchange, log } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.onHead((one) => void one.send('mine')).send('yours');
      }),
    );
    expect(await exchange(request('GET /'))).toContain('mine');
    expect(String(log[0]?.fields.err)).toContain('already sent');
  });
});

describe('vary', () => {
  it.each([
    [['Accept'], 'Accept'],
    [['Accept', 'accept', 'Origin'], 'Accept, Origin'],
    [['Accept', '*', 'Origin'], '*'],
  ])('%j gives %s', async (names, expected) => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => {
        for (const name of names) res.vary(name);
        res.send();
      }),
    );
    expect(await exchange(request('GET /'))).toContain(`\r\nVary: ${expected}\r\n`);
  });
});

describe('encode', () => {
  it('passes content that is sent whole through the transform', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => {
        res
          .onHead((one) => void one.setHeader('Content-Encoding', 'gzip').encode(createGzip()))
          .send('hello'.repeat(99));
      }),
    );
    const wire = await exchange(request('GET /'));
    expect(wire).toContain('Transfer-Encoding: chunked');
    expect(wire).not.toContain('Content-Length');
    expect(gunzipSync(chunkedContent(wire)).toString()).toBe('hello'.repeat(99));
  });

  it('passes streamed content through, and hands out what has come so far', async () => {
    let write: (piece: string) => void = () => {};
    let end: () => void = () => {};
    const { connect } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.holdOpen = true;
        res.onHead((one) => void one.encode(createGzip()));
        write = (piece) => void res.write(piece);
        end = () => void res.end();
        write('first ');
      }),
    );
    const client = await connect();
    const plain: Buffer[] = [];
    const gunzip = createGunzip().on('data', (piece) => plain.push(piece));
    client.send(request('GET /', 'Connection: close'));
    await client.until('\r\n\r\n');
    await eventually(() => client.received.length > 20, 'the first piece has come');
    expect(Buffer.concat(plain).toString()).toBe('');
    write('second');
    end();
    gunzip.end(chunkedContent(`\r\n\r\n${await client.all()}`));
    await new Promise((resolve) => gunzip.on('end', resolve));
    expect(Buffer.concat(plain).toString()).toBe('first second');
  });

  it('gives a client of HTTP/1.0 the transformed content up to the close', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.onHead((one) => void one.encode(createGzip())).send('hello');
      }),
    );
    const wire = await exchange('GET / HTTP/1.0\r\n\r\n');
    const content = Buffer.from(wire.slice(wire.indexOf('\r\n\r\n') + 4), 'latin1');
    expect(gunzipSync(content).toString()).toBe('hello');
  });

  it('closes the connection where the transform fails, and logs it', async () => {
    const { exchange, log } = await serve((server) =>
      server.get('/', (_req, res) => {
        const transform = new PassThrough();
        res.onHead((one) => void one.encode(transform));
        res.write('some');
        res.holdOpen = true;
        setImmediate(() => transform.destroy(new Error('no more memory')));
      }),
    );
    const wire = await exchange(request('GET /'));
    expect(wire).not.toContain('\r\n0\r\n\r\n');
    expect(String(log[0]?.fields.err)).toContain('no more memory');
  });

  it('destroys the transform when the client leaves', async () => {
    const transform = new PassThrough();
    const { connect } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.holdOpen = true;
        res.onHead((one) => void one.encode(transform));
        void res.write('some');
      }),
    );
    const client = await connect();
    client.send(request('GET /'));
    await client.until('some');
    client.destroy();
    await eventually(() => transform.destroyed, 'the transform is destroyed');
  });

  it('sends nothing through it to HEAD', async () => {
    const transform = new PassThrough();
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.onHead((one) => void one.encode(transform)).send('hello');
      }),
    );
    expect(undated(await exchange(request('HEAD /')))).toBe(
      response('200 OK', ['Content-Type: text/plain; charset=utf-8', 'Transfer-Encoding: chunked']),
    );
    expect(transform.destroyed).toBe(true);
  });

  it('serves the next request on the connection after encoded content', async () => {
    const { exchange } = await serve((server) =>
      server
        .get('/', (_req, res) => {
          res.onHead((one) => void one.encode(new PassThrough())).send('hello');
        })
        .get('/next', (_req, res) => void res.send('next')),
    );
    expect(undated(await exchange(request('GET /') + request('GET /next')))).toBe(
      response(
        '200 OK',
        ['Content-Type: text/plain; charset=utf-8', 'Transfer-Encoding: chunked'],
        '5\r\nhello\r\n0\r\n\r\n',
      ) + text('next'),
    );
  });
});

describe('trailers', () => {
  it('follow the content, announced where they are known before the head', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.addTrailer('X-Known', '1');
        res.write('abc');
        res.addTrailer('X-Late', '2').end();
      }),
    );
    expect(undated(await exchange(request('GET /')))).toBe(
      response(
        '200 OK',
        ['Trailer: X-Known', 'Transfer-Encoding: chunked'],
        '3\r\nabc\r\n0\r\nX-Known: 1\r\nX-Late: 2\r\n\r\n',
      ),
    );
  });

  it('make content chunked that is sent whole', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => void res.addTrailer('A', 'b').send('c')),
    );
    expect(await exchange(request('GET /'))).toContain('\r\n\r\n1\r\nc\r\n0\r\nA: b\r\n\r\n');
  });

  it('are left out to HTTP/1.0', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => void res.addTrailer('A', 'b').send('c')),
    );
    expect((await exchange('GET / HTTP/1.0\r\n\r\n')).split('\r\n\r\n')[1]).toBe('c');
  });

  it.each(['Content-Length', 'set-cookie', 'Transfer-Encoding'])('must not be %s', async (name) => {
    let error: unknown;
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => {
        try {
          res.addTrailer(name, '1');
        } catch (thrown) {
          error = thrown;
        }
      }),
    );
    await exchange(request('GET /'));
    expect(String(error)).toContain(`${name} belongs into the head`);
  });
});

describe('writeEarlyHints', () => {
  const hints = { Link: ['</a.css>; rel=preload; as=style', '</b.js>; rel=preload; as=script'] };

  it('sends an interim response before the answer', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => void res.writeEarlyHints(hints).send('hi')),
    );
    expect(undated(await exchange(request('GET /')))).toBe(
      `HTTP/1.1 103 Early Hints\r\nLink: ${hints.Link[0]}\r\nLink: ${hints.Link[1]}\r\n\r\n${text('hi')}`,
    );
  });

  it('leaves at once, however long the answer takes', async () => {
    const { connect } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.holdOpen = true;
        res.writeEarlyHints(hints);
      }),
    );
    const client = await connect();
    client.send(request('GET /'));
    expect(await client.until('\r\n\r\n')).toContain('103 Early Hints');
  });

  it('is nothing to HTTP/1.0', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => void res.writeEarlyHints(hints).send('hi')),
    );
    expect(await exchange('GET / HTTP/1.0\r\n\r\n')).not.toContain('103');
  });

  it('refuses what would end a line', async () => {
    const { exchange } = await serve((server) =>
      server.get('/', (_req, res) => void res.writeEarlyHints({ Link: 'a\r\nb: c' }).send('hi')),
    );
    expect(await exchange(request('GET /'))).toContain('HTTP/1.1 500');
  });
});

describe.each(TRANSPORTS)('upgrade over %s', (transport) => {
  const upgradeRequest = request('GET /', 'Connection: keep-alive, Upgrade', 'Upgrade: echo, other');

  it('hands over the socket, what came early first', async () => {
    const { connect } = await serve(
      (server) =>
        server.get('/', (_req, res) => {
          const socket = res.upgrade('echo');
          socket.on('data', (piece) => socket.write(`<${piece}>`)).on('end', () => socket.end('bye'));
        }),
      {},
      transport,
    );
    const client = await connect();
    client.send(`${upgradeRequest}early`);
    expect(undated(await client.until('\r\n\r\n'))).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nDate: -\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n',
    );
    expect(await client.until('<early>')).toBe('<early>');
    client.send('late');
    expect(await client.until('<late>')).toBe('<late>');
    await client.end();
    expect(await client.all()).toBe('bye');
  });

  it('keeps nothing back that a handler takes up later', async () => {
    const { connect } = await serve(
      (server) =>
        server.get('/', async (_req, res) => {
          await new Promise((resolve) => setImmediate(resolve));
          const socket = res.upgrade('echo');
          await new Promise((resolve) => setImmediate(resolve));
          socket.on('data', (piece) => socket.write(piece));
        }),
      {},
      transport,
    );
    const client = await connect();
    client.send(upgradeRequest).send('one').send('two');
    await client.until('onetwo');
  });

  it('answers 426 where the client asks for nothing, or for something else', async () => {
    const { exchange } = await serve(
      (server) => server.get('/', (_req, res) => void res.upgrade('echo')),
      {},
      transport,
    );
    const refused = problem(
      '426 Upgrade Required',
      { detail: 'This is served over echo alone.' },
      { fields: ['Upgrade: echo'] },
    ).replace('\r\n\r\n', '\r\nConnection: Upgrade\r\n\r\n');
    expect(undated(await exchange(request('GET /') + request('GET /', 'Upgrade: echo')))).toBe(refused + refused);
    expect(undated(await exchange(request('GET /', 'Upgrade: x', 'Connection: upgrade')))).toBe(refused);
  });

  it('is not for a request whose content is unread', async () => {
    const { exchange, log } = await serve(
      (server) => server.post('/', (_req, res) => void res.upgrade('echo')),
      {},
      transport,
    );
    const wire = await exchange(request('POST /', 'Connection: upgrade', 'Upgrade: echo', 'Content-Length: 5'));
    expect(wire).toContain('HTTP/1.1 500');
    expect(String(log[0]?.fields.err)).toContain('to be read before its socket is taken');
  });

  it('aborts the signal when the server drains, and waits for the socket to close', async () => {
    const { connect, server } = await serve(
      (server) =>
        server.get('/', (req, res) => {
          const socket = res.upgrade('echo');
          req.signal.addEventListener('abort', () => socket.end('going away'));
          socket.resume();
        }),
      {},
      transport,
    );
    const client = await connect();
    client.send(upgradeRequest);
    await client.until('\r\n\r\n');
    const closed = server.close({ timeout: 10_000 });
    expect(await client.until('going away')).toBe('going away');
    await client.end();
    expect(await closed).toEqual({ destroyed: 0 });
  });

  it('tells who logs when the socket closes', async () => {
    const statuses: number[] = [];
    const { connect } = await serve(
      (server) =>
        server.get('/', (_req, res) => {
          res.onFinish((one) => statuses.push(one.status));
          const socket = res.upgrade('echo');
          socket.on('end', () => socket.end()).resume();
        }),
      {},
      transport,
    );
    const client = await connect();
    client.send(upgradeRequest);
    await client.until('\r\n\r\n');
    expect(statuses).toEqual([]);
    client.destroy();
    await eventually(() => statuses.length > 0, 'the response has finished');
    expect(statuses).toEqual([101]);
  });
});

describe('tunnel', () => {
  it('answers CONNECT and hands over the socket', async () => {
    const { connect } = await serve((server) =>
      server.connect('*', (_req, res) => {
        const socket = res.tunnel();
        socket.on('data', (piece) => socket.write(`<${piece}>`));
      }),
    );
    const client = await connect();
    client.send('CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\nearly');
    expect(undated(await client.until('\r\n\r\n'))).toBe('HTTP/1.1 200 OK\r\nDate: -\r\n\r\n');
    await client.until('<early>');
  });

  it('is for CONNECT alone', async () => {
    const { exchange, log } = await serve((server) => server.get('/', (_req, res) => void res.tunnel()));
    expect(await exchange(request('GET /'))).toContain('HTTP/1.1 500');
    expect(String(log[0]?.fields.err)).toContain('only a 2xx to CONNECT opens one');
  });
});

describe('detach', () => {
  it('writes nothing, and the response can do nothing any more', async () => {
    let error: unknown;
    const { connect } = await serve((server) =>
      server.get('/', (_req, res) => {
        const socket = res.detach();
        try {
          res.write('x');
        } catch (thrown) {
          error = thrown;
        }
        socket.end('mine alone');
      }),
    );
    const client = await connect();
    client.send(request('GET /'));
    expect(await client.all()).toBe('mine alone');
    expect(String(error)).toContain('already ended');
  });
});
