import { describe, expect, it } from 'vitest';
import { HeadParser } from '../../src/protocol/head-parser.js';
import type { MessageHead } from '../../src/protocol/message-head.js';
import { Content } from '../../src/server/content.js';
import { Input } from '../../src/server/input.js';
import { Opts } from '../../src/server/opts.js';
import { request } from '../support/served.js';

function headOf(...fields: string[]): MessageHead {
  const parser = new HeadParser(Opts.new());
  const bytes = Buffer.from(request('POST /', ...fields));
  parser.parse(bytes, 0, bytes.length);
  return parser.takeHead();
}

/** The content of a message with `fields`, of which `received` has come. */
function contentOf(fields: string[], received: string) {
  const input = new Input();
  const content = new Content(input);
  content.begin(headOf(...fields));
  if (received !== '') input.append(Buffer.from(received));
  return { input, content, take: () => content.take()?.toString() };
}

const rest = (input: Input) => input.bytes.toString('latin1', input.position, input.end);

describe('Content', () => {
  it('ends after its Content-Length, before what follows', () => {
    const { input, content, take } = contentOf(['Content-Length: 3'], 'ab');
    expect(take()).toBe('ab');
    expect(take()).toBeUndefined();
    input.append(Buffer.from('cNEXT'));
    expect(take()).toBe('c');
    expect(content.take()).toBeNull();
    expect([content.isComplete, rest(input)]).toEqual([true, 'NEXT']);
  });

  it('ends after its last chunk, before what follows', () => {
    const { input, content, take } = contentOf(['Transfer-Encoding: chunked'], '2\r\nab\r\n1\r\nc');
    expect(take()).toBe('ab');
    expect(take()).toBe('c');
    expect(take()).toBeUndefined();
    input.append(Buffer.from('\r\n0\r\n\r\nNEXT'));
    expect(content.take()).toBeNull();
    expect([content.isComplete, rest(input)]).toEqual([true, 'NEXT']);
  });

  it('is complete at once where there is none', () => {
    expect(contentOf([], 'NEXT').content.take()).toBeNull();
    expect(contentOf(['Content-Length: 0'], '').content.isComplete).toBe(true);
  });

  it('is broken for good by malformed chunks', () => {
    const { content } = contentOf(['Transfer-Encoding: chunked'], 'zz\r\n');
    expect(() => content.take()).toThrow(
      expect.objectContaining({ status: 400, message: 'A chunk size is not a hexadecimal number.' }),
    );
    expect(content.isBroken).toBe(true);
    expect(() => content.take()).toThrow('The content is malformed.');
    expect(content.canBeSkipped()).toBe(false);
    content.begin(headOf('Content-Length: 1'));
    expect(content.isBroken).toBe(false);
  });

  it.each<[title: string, fields: string[], received: string, canBeSkipped: boolean]>([
    ['none', [], '', true],
    ['all of it here', ['Content-Length: 3'], 'abc', true],
    ['little to come', ['Content-Length: 131073'], 'a', true],
    ['much to come', ['Content-Length: 131074'], 'a', false],
    ['chunks, all here', ['Transfer-Encoding: chunked'], '1\r\na\r\n0\r\n\r\n', true],
    ['chunks without their end', ['Transfer-Encoding: chunked'], '1\r\na\r\n', false],
    ['malformed chunks', ['Transfer-Encoding: chunked'], 'zz', false],
    ['awaited by the client', ['Content-Length: 3', 'Expect: 100-continue'], '', false],
    ['awaited, in chunks', ['Transfer-Encoding: chunked', 'Expect: 100-continue'], '', false],
    ['expected of nothing', ['Content-Length: 0', 'Expect: 100-continue'], '', true],
  ])('can be skipped or not: %s', (_title, fields, received, canBeSkipped) => {
    expect(contentOf(fields, received).content.canBeSkipped()).toBe(canBeSkipped);
  });

  it('is asked for once, and not where it comes by itself', () => {
    const awaited = ['Content-Length: 2', 'Expect: 100-continue'];
    const { content } = contentOf(awaited, '');
    expect([content.takeContinue(), content.takeContinue()]).toEqual([true, false]);
    const early = contentOf(awaited, 'a');
    early.take();
    expect(early.content.takeContinue()).toBe(false);
  });
});
