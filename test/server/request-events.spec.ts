import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RequestEvent } from '../../src/server/request-events.js';
import { eventually, request, serve } from '../support/served.js';

/** Listens until the test ends. */
function hear(name: string, listener: (event: RequestEvent) => void): void {
  const heard = (message: unknown) => listener(message as RequestEvent);
  channel(name).subscribe(heard);
  onTestFinished(() => void channel(name).unsubscribe(heard));
}

/** Listens to all three, and lists what was heard. */
function hearAll(): string[] {
  const heard: string[] = [];
  for (const name of ['start', 'end', 'error'] as const) {
    hear(`luminaire:request:${name}`, ({ req, res, route, error }) => {
      const message = error instanceof Error ? ` ${error.message}` : '';
      heard.push(`${name} ${req.method} ${route?.pattern} ${res.status}${message}`);
    });
  }
  return heard;
}

describe('the events of a request', () => {
  it('are its start and its end, with the pattern that it matched', async () => {
    const heard = hearAll();
    const { exchange } = await serve((server) => server.get('/todos/:id', (_req, res) => void res.send('a')));
    await exchange(request('GET /todos/1'));
    await exchange(request('GET /nowhere'));
    expect(heard).toEqual([
      'start GET /todos/:id 200',
      'end GET /todos/:id 200',
      'start GET undefined 200',
      'end GET undefined 404',
    ]);
  });

  it.each([
    [
      'thrown',
      () => {
        throw new Error('lost');
      },
    ],
    ['rejected', () => Promise.reject(new Error('lost'))],
  ])('are its error between them, where something was %s', async (_title, handler) => {
    const heard = hearAll();
    const { exchange } = await serve((server) => server.get('/', handler));
    await exchange(request('GET /'));
    expect(heard).toEqual(['start GET / 200', 'error GET / 200 lost', 'end GET / 500']);
  });

  it('end when the client leaves before the answer', async () => {
    const heard = hearAll();
    const { connect } = await serve((server) => {
      server.get('/', (_req, res) => {
        res.holdOpen = true;
      });
    });
    const client = await connect();
    client.send(request('GET /'));
    await eventually(() => heard.length === 1, 'the request has started');
    client.destroy();
    await eventually(() => heard.length === 2, 'the request has ended');
    expect(heard).toEqual(['start GET / 200', 'end GET / 200']);
  });

  it('carry a store that is bound to the start through all that serves the request', async () => {
    const storage = new AsyncLocalStorage<string>();
    const start = channel('luminaire:request:start');
    start.bindStore(storage, (message) => (message as RequestEvent).req.method);
    onTestFinished(() => void start.unbindStore(storage));
    const { exchange } = await serve((server) =>
      server.post('/', async (req, res) => void res.send(`${await req.text()} ${storage.getStore()}`)),
    );
    const answer = await exchange(`${request('POST /', 'Content-Length: 4')}text`);
    expect(answer).toMatch(/text POST$/);
  });
});
