import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MOST_FAILURES, STABLE_MS } from '../../src/cluster/back-off.js';
import { ADDRESS, type FakeProcess, started, supervised } from './fake-process.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const CLOSE = { luminaire: 'close', timeout: 1000, delay: 300, linger: 0, isReplaced: false };
const REPLACED = { luminaire: 'close', timeout: 1000, delay: 0, linger: 1000, isReplaced: true };

/** The fake processes by name, for tests that read in order. */
function nth(forked: readonly FakeProcess[], index: number): FakeProcess {
  const process = forked[index];
  if (process === undefined) throw new Error(`No worker ${index} was started`);
  return process;
}

describe('a start', () => {
  it('waits for the first worker before it starts the others', async () => {
    const { supervisor, forked } = supervised(3);
    const starting = supervisor.start();
    expect(forked).toHaveLength(1);
    await nth(forked, 0).listens();
    expect(forked).toHaveLength(3);
    await nth(forked, 1).listens();
    await nth(forked, 2).listens();
    expect(await starting).toBe(supervisor);
    expect(supervisor).toMatchObject(ADDRESS);
    expect(supervisor.state).toEqual({ wanted: 3, ready: 3, restarts: 0 });
  });

  it('rejects where the first cannot start, and starts no other', async () => {
    const { supervisor, forked, log } = supervised(3);
    const starting = expect(supervisor.start()).rejects.toThrow('A worker could not start, so nothing is served.');
    await nth(forked, 0).exits(1);
    await starting;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(forked).toHaveLength(1);
    expect(log).toEqual([]);
    await supervisor.ended;
  });

  it('closes those that listen where another cannot start', async () => {
    const { supervisor, forked } = supervised(2);
    const starting = expect(supervisor.start()).rejects.toThrow('A worker could not start');
    await nth(forked, 0).listens();
    await nth(forked, 1).exits(1);
    expect(nth(forked, 0).orders).toEqual([{ ...CLOSE, timeout: 0, delay: 0 }]);
    await nth(forked, 0).exits(0);
    await starting;
  });

  it('resolves without a worker where it is closed meanwhile', async () => {
    const { supervisor, forked } = supervised(2);
    const starting = supervisor.start();
    void supervisor.close();
    expect(nth(forked, 0).killed).toEqual(['SIGTERM']);
    await nth(forked, 0).exits(null, 'SIGTERM');
    expect((await starting).pids).toEqual([]);
  });
});

describe('where the socket can be taken only once', () => {
  it('the end of the last worker is the end of all: whoever has the socket starts it anew', async () => {
    const { forked, log, onGiveUp } = await started(2, { listensOnce: true });
    await nth(forked, 0).exits(null, 'SIGKILL');
    expect(forked).toHaveLength(3);
    await nth(forked, 1).exits(null, 'SIGKILL');
    expect(log.at(-1)).toMatchObject({
      level: 'error',
      message: 'Gives up: no worker is left, and the socket that was inherited closed with the last one',
    });
    expect(nth(forked, 2).killed).toEqual(['SIGTERM']);
    await nth(forked, 2).exits(null, 'SIGTERM');
    expect(forked).toHaveLength(3);
    expect(onGiveUp).toHaveBeenCalledOnce();
  });
});

describe('a worker that ends', () => {
  it('is replaced at once after it was stable, and the others hear of it', async () => {
    const { supervisor, forked, log } = await started(2);
    await vi.advanceTimersByTimeAsync(STABLE_MS);
    await nth(forked, 0).exits(null, 'SIGKILL');
    expect(nth(forked, 1).sent.at(-1)).toMatchObject({ state: { wanted: 2, ready: 1 } });
    expect(forked).toHaveLength(3);
    await nth(forked, 2).listens();
    expect(nth(forked, 1).sent.at(-1)).toEqual({
      luminaire: 'workers',
      state: { wanted: 2, ready: 2, restarts: 1 },
    });
    expect(supervisor.pids).toEqual([101, 102]);
    expect(log.at(-1)).toMatchObject({
      level: 'error',
      message: 'A worker has ended, and is replaced',
      fields: { worker: 100, how: 'SIGKILL', delay: 0 },
    });
  });

  it('is replaced later each time where it was not', async () => {
    const { forked } = await started(1);
    await nth(forked, 0).exits(1);
    for (const [before, delay] of [100, 200, 400].entries()) {
      const i = before + 1;
      await nth(forked, i).exits(1);
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(forked).toHaveLength(i + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(forked).toHaveLength(i + 2);
      if (i > 1) await nth(forked, i + 1).listens();
    }
  });

  it('is replaced no more after ten in a row: one line says why, the others close, and then it gives up', async () => {
    const { supervisor, forked, log, onGiveUp } = await started(2);
    let last = nth(forked, 1);
    for (let i = 1; i < MOST_FAILURES; i++) {
      await last.exits(1);
      await vi.advanceTimersByTimeAsync(5000);
      last = nth(forked, forked.length - 1);
    }
    log.length = 0;
    await last.exits(1);
    expect(log).toEqual([
      {
        level: 'error',
        message: 'Gives up: workers in a row have ended too soon after their start',
        fields: { workers: 10, withinMs: 10_000, how: 'code 1' },
      },
    ]);
    expect(nth(forked, 0).orders).toEqual([CLOSE]);
    expect(onGiveUp).not.toHaveBeenCalled();
    await nth(forked, 0).exits(0);
    expect(onGiveUp).toHaveBeenCalledOnce();
    await supervisor.ended;
    const before = forked.length;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(forked).toHaveLength(before);
  });
});

describe('restart', () => {
  it('lets each new worker listen before the old one closes, one by one', async () => {
    const { supervisor, forked } = await started(2);
    const restarting = supervisor.restart();
    expect(forked).toHaveLength(3);
    expect(nth(forked, 0).orders).toEqual([]);
    await nth(forked, 2).listens();
    expect(nth(forked, 0).orders).toEqual([REPLACED]);
    expect(forked).toHaveLength(3);
    await nth(forked, 0).exits(0);
    expect(forked).toHaveLength(4);
    await nth(forked, 3).listens();
    expect(nth(forked, 1).orders).toEqual([REPLACED]);
    await nth(forked, 1).exits(0);
    await restarting;
    expect(supervisor.pids).toEqual([102, 103]);
    expect(supervisor.state).toEqual({ wanted: 2, ready: 2, restarts: 0 });
  });

  it('stops where a new worker cannot start, and the old ones go on', async () => {
    const { supervisor, forked } = await started(2);
    const restarting = expect(supervisor.restart()).rejects.toThrow('A new worker could not start; the old ones go on');
    await nth(forked, 2).exits(1);
    await restarting;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(forked).toHaveLength(3);
    expect(forked.slice(0, 2).map(({ orders }) => orders)).toEqual([[], []]);
    expect(supervisor.state).toEqual({ wanted: 2, ready: 2, restarts: 0 });
  });

  it('is done once more, and not more often, where it is asked for meanwhile', async () => {
    const { supervisor, forked } = await started(1);
    const restarts = [supervisor.restart(), supervisor.restart(), supervisor.restart()];
    for (let i = 1; i <= 2; i++) {
      expect(forked).toHaveLength(i + 1);
      await nth(forked, i).listens();
      await nth(forked, i - 1).exits(0);
    }
    await Promise.all(restarts);
    expect(forked).toHaveLength(3);
  });

  it('takes the place of a worker that has ended meanwhile, so that none is started twice', async () => {
    const { supervisor, forked } = await started(1);
    await nth(forked, 0).exits(1);
    await nth(forked, 1).listens();
    const restarting = supervisor.restart();
    await nth(forked, 1).exits(1);
    await nth(forked, 2).listens();
    await restarting;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(supervisor.pids).toEqual([102]);
    expect(forked).toHaveLength(3);
  });

  it('ends at a close', async () => {
    const { supervisor, forked } = await started(2);
    const restarting = expect(supervisor.restart()).rejects.toThrow('A new worker could not start');
    void supervisor.close();
    expect(nth(forked, 2).killed).toEqual(['SIGTERM']);
    await nth(forked, 2).exits(null, 'SIGTERM');
    await restarting;
    expect(forked).toHaveLength(3);
  });
});

describe('close', () => {
  it('closes all at the same time, replaces none, and adds up what was cut off', async () => {
    const { supervisor, forked } = await started(2);
    const closing = supervisor.close();
    expect(supervisor.close()).toBe(closing);
    for (const process of forked) {
      expect(process.orders).toEqual([CLOSE]);
      process.says({ luminaire: 'closed', destroyed: 1 });
      await process.exits(0);
    }
    expect(await closing).toEqual({ destroyed: 2 });
    await supervisor.ended;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(forked).toHaveLength(2);
  });

  it('starts no worker that was to take the place of one', async () => {
    const { supervisor, forked } = await started(1);
    await nth(forked, 0).exits(1);
    await nth(forked, 1).exits(1);
    await supervisor.close();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(forked).toHaveLength(2);
  });
});
