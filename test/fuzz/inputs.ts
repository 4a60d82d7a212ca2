/** Makes garbage: bytes that are noise, words of the protocol in any order, or a request or a part of one gone wrong. */

import { makeChunks, makeStream } from './messages.js';
import type { Random } from './random.js';
import { tamperOctets } from './tamper.js';
import { DICTIONARY } from './words.js';

const WORDS = [
  '?a=1&b=%41',
  '%e2%82%ac',
  '%',
  '&',
  '=',
  '+',
  '|',
  '\x00',
  '\x01name=value',
  '\x02X-A=b',
  '\x03Set-Cookie=a=b',
];

export function makeInput(random: Random): Buffer {
  return Buffer.from(makeText(random), 'latin1');
}

function makeText(random: Random): string {
  switch (random.below(6)) {
    case 0:
      return random.octets(random.below(64));
    case 1:
      return wordsOf(random, DICTIONARY);
    case 2:
      return wordsOf(random, WORDS) + wordsOf(random, DICTIONARY);
    case 3:
      return tamperOctets(makeChunks(random).join(''), random, random.below(3));
    case 4: {
      const { wire } = makeStream(random);
      return tamperOctets(wire.slice(wire.indexOf('\r\n\r\n', wire.length >> 2) + 4), random, random.below(2));
    }
    default:
      return makeStream(random).wire;
  }
}

function wordsOf(random: Random, words: readonly string[]): string {
  return Array.from({ length: random.below(10) }, () => random.pick(words)).join('');
}
