import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WorkerProcess } from '../../src/cluster/worker-process.js';
import { type LogEntry, loggerInto } from '../support/served.js';
import { ADDRESS, FakeProcess } from './fake-process.js';

let fake: FakeProcess;
let log: LogEntry[];
let worker: WorkerProcess;

beforeEach(() => {
  vi.useFakeTimers();
  fake = new FakeProcess(7);
  log = [];
  worker = new WorkerProcess(fake, { start: 2000, hang: 5000 }, loggerInto(log));
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a worker that starts', () => {
  it('is ready once it says where it listens', async () => {
    expect(worker.isReady).toBe(false);
    await fake.listens();
    expect(await worker.ready).toEqual(ADDRESS);
    expect(worker.isReady).toBe(true);
  });

  it('is not ready by what an application says', async () => {
    for (const message of ['listening', null, 7, { act: 'listening' }]) fake.says(message as object);
    await vi.advanceTimersByTimeAsync(0);
    expect(worker.isReady).toBe(false);
  });

  it('rejects where it ends before', async () => {
    await fake.exits(1);
    await expect(worker.ready).rejects.toThrow('It ended with code 1 before it listened');
    expect(await worker.ended).toEqual({ how: 'code 1', livedMs: 0 });
  });

  it('is killed where it does not listen in time, and never where it does', async () => {
    await vi.advanceTimersByTimeAsync(1999);
    expect(fake.killed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(fake.killed).toEqual(['SIGKILL']);
    expect(log).toMatchObject([{ level: 'warn', message: 'A worker did not listen within 2000 ms, and is killed' }]);

    const other = new FakeProcess(8);
    new WorkerProcess(other, { start: 2000, hang: Number.POSITIVE_INFINITY }, loggerInto([]));
    await other.listens();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(other.killed).toEqual([]);
  });

  it('is killed a second after it has said that it cannot', async () => {
    fake.says({ luminaire: 'failed' });
    await vi.advanceTimersByTimeAsync(999);
    expect(fake.killed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(fake.killed).toEqual(['SIGKILL']);
  });
});

describe('a worker that closes', () => {
  it('is asked once, and is ready no more', async () => {
    await fake.listens();
    void worker.close({ timeout: 1000, delay: 300, linger: 50 });
    void worker.close({ timeout: 0, delay: 0, linger: 0 });
    expect(fake.sent).toEqual([{ luminaire: 'close', timeout: 1000, delay: 300, linger: 50, isReplaced: false }]);
    expect(worker.isReady).toBe(false);
  });

  it('tells how long it took requests, and what it cut off', async () => {
    await fake.listens();
    await vi.advanceTimersByTimeAsync(500);
    const closing = worker.close({ timeout: 1000, delay: 0, linger: 0 });
    fake.says({ luminaire: 'closed', destroyed: 2 });
    await fake.exits(0);
    expect(await closing).toEqual({ how: 'code 0', livedMs: 500 });
    expect(worker.destroyed).toBe(2);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(fake.killed).toEqual([]);
  });

  it('is killed where it still runs 5 s after its time', async () => {
    await fake.listens();
    void worker.close({ timeout: 1000, delay: 300, linger: 0 });
    await vi.advanceTimersByTimeAsync(6299);
    expect(fake.killed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(fake.killed).toEqual(['SIGKILL']);
    expect(log).toMatchObject([{ message: expect.stringContaining('still runs, and is killed') }]);
  });

  it('is killed where it has closed by itself, and still runs 5 s later', async () => {
    await fake.listens();
    fake.says({ luminaire: 'closed', destroyed: 0 });
    expect(worker.isReady).toBe(false);
    await vi.advanceTimersByTimeAsync(5000);
    expect(fake.killed).toEqual(['SIGKILL']);
  });

  it('ends at once where it took no request yet', () => {
    void worker.close({ timeout: 1000, delay: 300, linger: 0 });
    expect([fake.sent, fake.killed]).toEqual([[], ['SIGTERM']]);
  });
});

describe('a worker that listens', () => {
  const HANGS = {
    message: 'The event loop of a worker stands still: it is killed',
    fields: { worker: 7, silentMs: 6000 },
  };

  it('is killed when it has said nothing for longer than it may', async () => {
    await fake.listens();
    await vi.advanceTimersByTimeAsync(5999);
    expect(fake.killed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(fake.killed).toEqual(['SIGKILL']);
    expect(log).toMatchObject([HANGS]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fake.killed).toEqual(['SIGKILL']);
  });

  it('lives as long as its event loop turns', async () => {
    await fake.listens();
    for (let i = 0; i < 60; i++) {
      await vi.advanceTimersByTimeAsync(1000);
      fake.says({ luminaire: 'beat' });
    }
    expect(fake.killed).toEqual([]);
    await fake.exits(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
