/** Damages streams of requests, by the piece and by the octet. */

import type { Random } from './random.js';
import { DICTIONARY } from './words.js';

/** Octets that separate, end or hide something. */
const SHARP = Array.from('\0\t\n\v\f\r !"#%\'(),-./0:;<=>?@[\\]_{}\x7f\x80\x85\xa0\xad\xff');

/** Drops, doubles, swaps, adds or exchanges whole pieces of the grammar. */
export function tamperPieces(pieces: readonly string[], random: Random, times: number): string[] {
  const tampered = [...pieces];
  for (let n = 0; n < times; n++) {
    const at = random.below(tampered.length);
    const other = random.below(tampered.length);
    switch (random.below(5)) {
      case 0:
        tampered.splice(at, 1 + random.below(3));
        break;
      case 1:
        tampered.splice(at, 0, ...tampered.slice(at, at + 1 + random.below(4)));
        break;
      case 2:
        [tampered[at], tampered[other]] = [tampered[other] ?? '', tampered[at] ?? ''];
        break;
      case 3:
        tampered.splice(at, 0, random.pick(DICTIONARY));
        break;
      default:
        tampered[at] = random.pick(DICTIONARY);
    }
  }
  return tampered;
}

/** Drops, doubles, adds or exchanges octets, or cuts the rest off. */
export function tamperOctets(wire: string, random: Random, times: number): string {
  let tampered = wire;
  for (let n = 0; n < times; n++) {
    const at = random.below(tampered.length + 1);
    const before = tampered.slice(0, at);
    const after = tampered.slice(at);
    const size = 1 + random.below(random.oneIn(3) ? 20 : 1);
    switch (random.below(7)) {
      case 0:
        tampered = before + after.slice(size);
        break;
      case 1:
        tampered = before + after.slice(0, size) + after;
        break;
      case 2:
        tampered = before + random.pick(SHARP) + after;
        break;
      case 3:
        tampered = before + random.pick(SHARP) + after.slice(1);
        break;
      case 4:
        tampered = before + String.fromCharCode((after.charCodeAt(0) || 0) ^ (1 << random.below(8))) + after.slice(1);
        break;
      case 5:
        tampered = before + random.pick(DICTIONARY) + after;
        break;
      default:
        tampered = random.oneIn(4) ? before : before + random.octets(size) + after;
    }
  }
  return tampered;
}
