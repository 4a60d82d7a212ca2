/** Encodes large text as UTF-8, with room for a head in front of it. */

/** Longest head that goes in front, in bytes. */
const HEAD_ROOM = 4_096;

/** Some 96 KiB of text: what one response of this kind may hold for a client that is slow to take it. */
const CONTENT_ROOM = 98_304;

const encoder = new TextEncoder();

interface Memory {
  readonly whole: Buffer;
  readonly content: Uint8Array;
}

let memory: Memory | undefined;

/**
 * Memory that every large text of the process is encoded in, one after the other. Joining 64 KiB of it to its head as
 * strings copied it three times and left V8 64 KiB to collect; asking for its length took another look at all of it.
 */
export const encodingBuffer = {
  /** Encodes `text`. Valid until the next call; undefined where it has no room. */
  encode(text: string): Uint8Array | undefined {
    if (text.length > CONTENT_ROOM) return undefined;
    memory ??= makeMemory();
    const { read, written } = encoder.encodeInto(text, memory.content);
    return read === text.length ? memory.content.subarray(0, written) : undefined;
  },

  /** The last text that was encoded, behind `head`, which is latin1. */
  behind(head: string, content: Uint8Array): Uint8Array {
    const isHere = memory !== undefined && content.buffer === memory.whole.buffer && head.length <= HEAD_ROOM;
    if (memory === undefined || !isHere) return Buffer.concat([Buffer.from(head, 'latin1'), content]);
    const start = HEAD_ROOM - head.length;
    memory.whole.write(head, start, 'latin1');
    return memory.whole.subarray(start, HEAD_ROOM + content.length);
  },

  /** Leaves the memory to whoever still has to send it. */
  giveAway(): void {
    memory = undefined;
  },
};

function makeMemory(): Memory {
  const whole = Buffer.allocUnsafeSlow(HEAD_ROOM + CONTENT_ROOM);
  return { whole, content: whole.subarray(HEAD_ROOM) };
}
