import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AcceptQueue } from '../../src/sockets/accept-queue.js';
import { ListenerClosed } from '../../src/sockets/listener-socket.js';

const newClient = () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });

describe('AcceptQueue', () => {
  it('hands clients out in the order they came', async () => {
    const queue = new AcceptQueue();
    const [first, second] = [newClient(), newClient()];
    queue.offer(first);
    queue.offer(second);
    expect(await queue.accept()).toBe(first);
    expect(await queue.accept()).toBe(second);
  });

  it('serves the accept that waited longest', async () => {
    const queue = new AcceptQueue();
    const accepts = [queue.accept(), queue.accept()];
    const [first, second] = [newClient(), newClient()];
    queue.offer(first);
    queue.offer(second);
    expect(await Promise.all(accepts)).toEqual([first, second]);
  });

  it('skips clients that went away while they waited', async () => {
    const queue = new AcceptQueue();
    const [gone, here] = [newClient(), newClient()];
    queue.offer(gone);
    queue.offer(here);
    gone.destroy();
    expect(await queue.accept()).toBe(here);
  });

  it('survives an error of a client nobody listens to', async () => {
    const queue = new AcceptQueue();
    const client = newClient();
    queue.offer(client);
    client.destroy(new Error('reset'));
    await new Promise((resolve) => client.once('close', resolve));
    expect(client.destroyed).toBe(true);
  });

  it('destroys clients beyond the limit, and none that somebody waits for', async () => {
    const queue = new AcceptQueue();
    queue.setLimit(1);
    const accepting = queue.accept();
    const [taken, waiting, refused] = [newClient(), newClient(), newClient()];
    for (const client of [taken, waiting, refused]) queue.offer(client);
    expect([taken, waiting, refused].map((client) => client.destroyed)).toEqual([false, false, true]);
    expect(await accepting).toBe(taken);
  });

  it('rejects one accept for an error, and goes on', async () => {
    const queue = new AcceptQueue();
    queue.fail(new Error('EMFILE'));
    queue.fail(new Error('EMFILE again'));
    await expect(queue.accept()).rejects.toThrow(/^EMFILE$/);
    const waiting = queue.accept();
    queue.fail(new Error('ENFILE'));
    await expect(waiting).rejects.toThrow('ENFILE');
    const client = newClient();
    queue.offer(client);
    expect(await queue.accept()).toBe(client);
  });

  it('closes: destroys clients in line, rejects waiting and later calls, refuses newcomers', async () => {
    const queue = new AcceptQueue();
    const waiting = [queue.accept(), queue.accept()];
    queue.close();
    for (const accept of waiting) await expect(accept).rejects.toBeInstanceOf(ListenerClosed);
    await expect(queue.accept()).rejects.toBeInstanceOf(ListenerClosed);
    const late = newClient();
    queue.offer(late);
    expect(late.destroyed).toBe(true);

    const other = new AcceptQueue();
    const inLine = newClient();
    other.offer(inLine);
    other.close();
    expect(inLine.destroyed).toBe(true);
  });
});
