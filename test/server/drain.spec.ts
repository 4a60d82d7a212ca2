import { describe, expect, it, vi } from 'vitest';
import { Server } from '../../src/server/server.js';
import { RawClient } from '../support/raw-client.js';
import { fakeTime, lastText, pass, request, serve, settled, text, undated } from '../support/served.js';

const HELLO = request('GET /');

describe('a server that closes', () => {
  it('answers what an idle connection had sent, though nobody has read it yet', async () => {
    const { server, connect } = await serve((app) => app.get('/', (_req, res) => void res.send('hi')), {}, 'tcp');
    const client = await connect();
    client.send(HELLO);
    expect(undated(await client.response())).toBe(text('hi'));
    client.send(HELLO);
    const closing = server.close();
    expect(undated(await client.all())).toBe(lastText('hi'));
    client.destroy();
    expect(await closing).toEqual({ destroyed: 0 });
  });

  it('answers clients that were connected, though nobody has accepted them yet', async () => {
    const { server } = await serve((app) => app.get('/', (_req, res) => void res.send('hi')), {}, 'tcp');
    // One is accepted in each turn of the event loop: most of these still wait.
    const clients = await Promise.all(Array.from({ length: 40 }, () => RawClient.tcp(server.port)));
    for (const client of clients) client.send(HELLO);
    const closing = server.close();
    for (const client of clients) {
      expect(undated(await client.all())).toBe(lastText('hi'));
      client.destroy();
    }
    expect(await closing).toEqual({ destroyed: 0 });
    await expect(RawClient.tcp(server.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('announces the close only with the last of the pipelined requests that have arrived', async () => {
    let answer = () => {};
    const { server, connect } = await serve((app) => {
      app.get('/', (_req, res) => void res.send('hi'));
      app.get('/held', (_req, res) => {
        res.holdOpen = true;
        answer = () => void res.send('held');
      });
    });
    const client = await connect();
    client.send(request('GET /held') + HELLO + HELLO);
    await settled();
    const closing = server.close();
    answer();
    expect(undated(await client.all())).toBe(text('held') + text('hi') + lastText('hi'));
    expect(await closing).toEqual({ destroyed: 0 });
  });

  it('ends an event stream, so that its client connects again elsewhere, and tells who writes it', async () => {
    let told = 0;
    let aborted = false;
    const { server, connect } = await serve((app) =>
      app.get('/', (req, res) => {
        req.signal.addEventListener('abort', () => {
          aborted = true;
        });
        const events = res.events({ keepAlive: false });
        events.onGone(() => {
          told++;
        });
        void events.send({ data: 'a' });
      }),
    );
    const client = await connect();
    client.send(HELLO);
    await client.until('data: a\n\n\r\n');
    const closing = server.close();
    expect(await client.all()).toBe('0\r\n\r\n');
    expect(await closing).toEqual({ destroyed: 0 });
    expect([told, aborted]).toEqual([1, true]);
  });

  it('completes a request of which a part has arrived', async () => {
    const { server, connect } = await serve((app) => app.get('/', (_req, res) => void res.send('hi')));
    const client = await connect();
    client.send(HELLO.slice(0, 10));
    await settled();
    const closing = server.close();
    await settled();
    client.send(HELLO.slice(10));
    expect(undated(await client.all())).toBe(lastText('hi'));
    expect(await closing).toEqual({ destroyed: 0 });
  });

  it('closes a connection on which nothing was sent, without a byte', async () => {
    const { server, connect } = await serve(() => {}, {}, 'tcp');
    const client = await connect();
    const closing = server.close();
    expect(await client.all()).toBe('');
    client.destroy();
    expect(await closing).toEqual({ destroyed: 0 });
  });
});

describe('linger', () => {
  it('lets a connection bring one more request after nobody else is accepted', async () => {
    const { server, connect } = await serve((app) => app.get('/', (_req, res) => void res.send('hi')), {}, 'tcp');
    const [used, unused] = [await connect(), await connect()];
    used.send(HELLO);
    await used.response();
    const closing = server.close({ linger: 60_000 });
    const connects = () =>
      RawClient.tcp(server.port).then(
        (client) => client.destroy(),
        ({ code }: NodeJS.ErrnoException) => code,
      );
    await expect.poll(connects).toBe('ECONNREFUSED');
    for (const client of [used, unused]) {
      client.send(HELLO);
      expect(undated(await client.all())).toBe(lastText('hi'));
      client.destroy();
    }
    expect(await closing).toEqual({ destroyed: 0 });
  });

  it('closes what has brought none by then', async () => {
    fakeTime();
    const { server, connect } = await serve(() => {}, {}, 'tcp');
    const client = await connect();
    const closing = server.close({ linger: 1000 });
    await pass(999);
    expect(client.closed).toBe(false);
    await pass(1);
    expect(await client.all()).toBe('');
    client.destroy();
    expect(await closing).toEqual({ destroyed: 0 });
  });
});

describe('drainDelay', () => {
  it('serves on for that long with one more answer a connection, and tells who asks that the server drains', async () => {
    fakeTime();
    const { server, connect } = await serve(
      (app) => app.get('/', (req, res) => void res.send(String(req.serverDrains))),
      { drainDelay: 5000 },
      'tcp',
    );
    const before = await connect();
    before.send(HELLO);
    expect(undated(await before.response())).toBe(text('false'));
    expect(server.isDraining).toBe(false);
    const idle = await connect();
    idle.send(HELLO);
    await idle.response();
    const closing = server.close();
    expect(server.isDraining).toBe(true);
    await pass(4999);
    before.send(HELLO);
    expect(undated(await before.all())).toBe(lastText('true'));
    const after = await connect();
    after.send(HELLO);
    expect(undated(await after.all())).toBe(lastText('true'));
    before.destroy();
    after.destroy();
    expect(idle.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await idle.all()).toBe('');
    idle.destroy();
    expect(await closing).toEqual({ destroyed: 0 });
    await expect(RawClient.tcp(server.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is for a server that listens, so that neither a test nor a port that is in use waits', async () => {
    expect(await Server.new({ drainDelay: 3_600_000 }).close()).toEqual({ destroyed: 0 });
  });

  it('gives way to the delay that close is told', async () => {
    const { server } = await serve(() => {}, { drainDelay: 3_600_000 });
    expect(await server.close({ delay: 0 })).toEqual({ destroyed: 0 });
  });
});
