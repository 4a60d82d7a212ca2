import { afterEach, describe, expect, it, vi } from 'vitest';
import { consoleLogger, describeThrown } from '../../src/server/logger.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('consoleLogger', () => {
  it.each(['error', 'warn', 'info'] as const)('writes one line to standard error: %s', (level) => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    let written = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written += text;
      return true;
    });
    consoleLogger[level]({ ref: 'a"b\n', n: 1 }, 'It happened');
    expect(written).toBe(`1970-01-01T00:00:00.000Z ${level} It happened ref="a\\"b\\n" n=1\n`);
  });

  it('puts the stack of an error under it', () => {
    let written = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written += text;
      return true;
    });
    consoleLogger.error({ err: new Error('why') }, 'It happened');
    expect(written).toMatch(/ error It happened\nError: why\n {4}at .*\n$/s);
  });
});

describe('describeThrown', () => {
  it.each<[thrown: unknown, text: string]>([
    [null, 'object thrown: null'],
    [undefined, 'undefined thrown: undefined'],
    ['text', 'string thrown: text'],
    [Symbol('s'), 'symbol thrown: Symbol(s)'],
    [Object.create(null), 'a value that cannot be shown was thrown'],
  ])('shows what is no error, case %#', (thrown, text) => {
    expect(describeThrown(thrown)).toBe(text);
  });

  it('shows an error with its causes', () => {
    const text = describeThrown(new TypeError('outer', { cause: new Error('inner', { cause: 'root' }) }));
    expect(text).toMatch(/^TypeError: outer\n.*\ncaused by: Error: inner\n.*\ncaused by: string thrown: root$/s);
  });

  it('never throws, be it for an error whose stack does, or one that causes itself', () => {
    const hostile = new Error('a');
    Object.defineProperty(hostile, 'stack', {
      get() {
        throw new Error('b');
      },
    });
    expect(describeThrown(hostile)).toBe('a value that cannot be shown was thrown');
    const circular = new Error('a');
    circular.cause = circular;
    expect(typeof describeThrown(circular)).toBe('string');
  });
});
