import { describe, expect, it } from 'vitest';
import { Input } from '../../src/server/input.js';
import { fc } from '../support/properties.js';

/** What has been received and not consumed. */
function rest(input: Input): Buffer {
  return input.bytes.subarray(input.position, input.end);
}

describe('Input', () => {
  it('is empty at first', () => {
    const input = new Input();
    expect(input.isEmpty).toBe(true);
    expect(rest(input)).toHaveLength(0);
  });

  it('takes a chunk as it is where nothing is left over', () => {
    const input = new Input();
    const chunk = Buffer.from('abc');
    input.append(chunk);
    expect(input.bytes).toBe(chunk);
    input.position = 3;
    expect(input.isEmpty).toBe(true);
    input.append(Buffer.from('de'));
    expect(rest(input).toString()).toBe('de');
  });

  it('joins a chunk to what is left over', () => {
    const input = new Input();
    input.append(Buffer.from('abc'));
    input.position = 2;
    input.append(Buffer.from('de'));
    expect(rest(input).toString()).toBe('cde');
  });

  it('never writes over bytes that were received', () => {
    const input = new Input();
    const first = Buffer.from('abcdef');
    input.append(first);
    input.position = 1;
    input.append(Buffer.from('gh'));
    const held = input.bytes.subarray(input.position, input.end);
    const text = held.toString();
    input.position = input.end;
    input.append(Buffer.from('ij'));
    for (let i = 0; i < 3000; i++) input.append(Buffer.from('k'));
    expect(held.toString()).toBe(text);
    expect(first.toString()).toBe('abcdef');
  });

  it('lets go of everything on release', () => {
    const input = new Input();
    input.append(Buffer.alloc(100));
    input.release();
    expect(input.isEmpty).toBe(true);
    expect(input.bytes).toHaveLength(0);
    input.append(Buffer.from('a'));
    expect(rest(input).toString()).toBe('a');
  });

  it('holds the same bytes however they were cut and consumed', () => {
    const step = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 3000 }), fc.nat(4000));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const input = new Input();
        const consumed: Buffer[] = [];
        const views: [view: Buffer, copy: Buffer][] = [];
        for (const [chunk, wanted] of steps) {
          input.append(Buffer.from(chunk));
          const end = Math.min(input.end, input.position + wanted);
          const view = input.bytes.subarray(input.position, end);
          views.push([view, Buffer.from(view)]);
          consumed.push(Buffer.from(view));
          input.position = end;
        }
        const all = Buffer.concat([...consumed, rest(input)]);
        expect(all.equals(Buffer.concat(steps.map(([chunk]) => chunk)))).toBe(true);
        // What was handed out stays as it was.
        for (const [view, copy] of views) expect(view.equals(copy)).toBe(true);
      }),
    );
  });

  it('takes 200,000 chunks of one byte in linear time', () => {
    const input = new Input();
    let grown = 0;
    let buffer = input.bytes;
    for (let i = 0; i < 200_000; i++) {
      input.append(Buffer.from([i & 255]));
      if (input.bytes !== buffer) grown++;
      buffer = input.bytes;
    }
    expect(input.end - input.position).toBe(200_000);
    expect(grown).toBeLessThan(20);
  });
});
