import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { cancelSource, openSource, type StreamSource } from '../../src/http/stream-source.js';

async function all(source: StreamSource): Promise<string> {
  const [pieces] = openSource(source);
  let text = '';
  for (let step = await pieces.next(); !step.done; step = await pieces.next()) text += Buffer.from(step.value);
  return text;
}

describe('openSource', () => {
  it('gives the pieces of each kind of source', async () => {
    async function* generator() {
      yield 'a';
      yield Buffer.from('b');
    }
    expect(await all(generator())).toBe('ab');
    expect(await all(Readable.from(['a', 'b']))).toBe('ab');
    expect(await all(ReadableStream.from(['a', 'b']) as ReadableStream<string>)).toBe('ab');
    expect(await all(new Blob(['a', 'b']).stream() as ReadableStream<Uint8Array>)).toBe('ab');
  });

  it('cancels a generator that waits at a yield', async () => {
    let isOver = false;
    async function* generator() {
      try {
        yield 'a';
        yield 'b';
      } finally {
        isOver = true;
      }
    }
    const [pieces, cancel] = openSource(generator());
    await pieces.next();
    cancel();
    expect(await pieces.next()).toEqual({ done: true, value: undefined });
    expect(isOver).toBe(true);
  });

  it('destroys a Readable, while a piece is awaited too', async () => {
    const readable = new Readable({ read() {} });
    const [pieces, cancel] = openSource(readable);
    const next = pieces.next().catch(() => 'rejected');
    cancel();
    await next;
    expect(readable.destroyed).toBe(true);
  });

  it('cancels a ReadableStream with the reason, while a piece is awaited too', async () => {
    let reason: unknown;
    const [pieces, cancel] = openSource(
      new ReadableStream<string>({
        cancel(why) {
          reason = why;
        },
      }),
    );
    const next = pieces.next();
    cancel();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(reason).toMatchObject({ name: 'ClientGone' });
  });

  it('lets nothing that fails in a cancel escape', async () => {
    const sources: StreamSource[] = [
      new ReadableStream<string>({
        cancel() {
          throw new Error('a');
        },
      }),
      {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => {}),
          return: () => Promise.reject(new Error('b')),
        }),
      },
      { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) },
    ];
    for (const source of sources) openSource(source)[1]();
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('cancelSource', () => {
  it('destroys a Readable, ends a generator, cancels a ReadableStream', async () => {
    const readable = new Readable({ read() {} });
    async function* generator() {
      yield 'a';
    }
    const generated = generator();
    let isCancelled = false;
    const web = new ReadableStream<string>({
      cancel() {
        isCancelled = true;
      },
    });
    for (const source of [readable, generated, web]) cancelSource(source);
    expect([readable.destroyed, isCancelled]).toEqual([true, true]);
    expect(await generated.next()).toEqual({ done: true, value: undefined });
  });

  it('leaves a ReadableStream alone that somebody reads', async () => {
    const web = ReadableStream.from(['a']) as ReadableStream<string>;
    const reader = web.getReader();
    cancelSource(web);
    expect(await reader.read()).toEqual({ done: false, value: 'a' });
  });
});
