import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/server/output.js';
import { settled } from '../support/served.js';

/** A socket that counts the writes it gets; `makeRoom` lets it take more. */
class CountingSocket extends Duplex {
  readonly writes: Buffer[] = [];
  #pending: (() => void)[] = [];
  isSlow = false;

  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this._writev([{ chunk }], done);
  }
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(Buffer.concat(chunks.map(({ chunk }) => Buffer.from(chunk as never, 'latin1'))));
    if (this.isSlow) this.#pending.push(done);
    else done();
  }
  makeRoom(): void {
    for (const done of this.#pending.splice(0)) done();
  }
}

function started(highWaterMark = 16_384) {
  const socket = new CountingSocket({ highWaterMark });
  const blocked: boolean[] = [];
  const output = new Output(socket, (isBlocked) => blocked.push(isBlocked));
  socket.on('drain', () => output.onDrain());
  return { socket, output, blocked, texts: () => socket.writes.map(String) };
}

describe('Output', () => {
  it('hands everything over in one write', () => {
    const { output, texts } = started();
    output.write('a');
    output.write(Buffer.from('b'));
    output.write('c');
    expect(texts()).toEqual([]);
    output.flush();
    expect(texts()).toEqual(['abc']);
  });

  it('flushes after the turn, once', async () => {
    const { output, texts } = started();
    output.write('a');
    output.flushSoon();
    output.flushSoon();
    output.write('b');
    expect(texts()).toEqual([]);
    await settled();
    expect(texts()).toEqual(['ab']);
  });

  it('writes text as latin1, a character a byte', () => {
    const { output, socket } = started();
    output.write('\xff\x80');
    output.flush();
    expect(socket.writes).toEqual([Buffer.from([0xff, 0x80])]);
  });

  it('does not wait for the end of the turn over 64 KiB', () => {
    const { output, socket } = started();
    output.write('x'.repeat(65_536));
    expect(socket.writes).toHaveLength(1);
  });

  it('is blocked until the client has caught up', async () => {
    const { output, socket, blocked } = started();
    socket.isSlow = true;
    output.write(Buffer.alloc(40_000));
    output.flush();
    expect(output.isBlocked).toBe(true);
    let isDrained = false;
    const drained = output.drained().then(() => {
      isDrained = true;
    });
    await settled();
    expect(isDrained).toBe(false);
    socket.makeRoom();
    await drained;
    expect([output.isBlocked, ...blocked]).toEqual([false, true, false]);
    expect(await output.drained()).toBeUndefined();
  });

  it('hands large content over in slices, in order, and tells of progress with each', async () => {
    const { output, socket, blocked } = started();
    socket.isSlow = true;
    const large = Buffer.alloc(1_000_000);
    for (let i = 0; i < large.length; i++) large[i] = i % 251;
    output.write('head');
    output.write(large);
    output.write('tail');
    output.flush();
    output.end();
    for (let i = 0; i < 20; i++) {
      await settled();
      socket.makeRoom();
    }
    const all = Buffer.concat(socket.writes);
    expect(all.equals(Buffer.concat([Buffer.from('head'), large, Buffer.from('tail')]))).toBe(true);
    expect(Math.max(...socket.writes.map(({ length }) => length))).toBeLessThanOrEqual(400_000);
    expect(blocked.filter(Boolean).length).toBeGreaterThan(2);
    expect(socket.writableEnded).toBe(true);
  });

  it('slices large text too', async () => {
    const { output, socket } = started();
    output.write('é'.repeat(600_000));
    output.write('!');
    output.end();
    await settled();
    const all = Buffer.concat(socket.writes).toString('latin1');
    expect([all.length, all === `${'é'.repeat(600_000)}!`]).toEqual([600_001, true]);
    expect(socket.writes.length).toBeGreaterThan(1);
  });

  it('hands all of it over to a socket that has room for more than a slice', async () => {
    const { output, socket } = started(1 << 24);
    const large = Buffer.alloc(1_000_000, 'x');
    output.write(large);
    output.write('tail');
    output.end();
    await settled();
    expect(Buffer.concat(socket.writes).equals(Buffer.concat([large, Buffer.from('tail')]))).toBe(true);
    expect(socket.writableEnded).toBe(true);
  });

  it('drops everything once closed, and wakes who waits', async () => {
    const { output, socket } = started();
    socket.isSlow = true;
    output.write(Buffer.alloc(40_000));
    output.flush();
    const drained = output.drained();
    output.onClose();
    await drained;
    output.write('late');
    output.flush();
    expect(socket.writes).toHaveLength(1);
  });
});
