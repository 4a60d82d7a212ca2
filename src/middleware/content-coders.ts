/** Makes the streams that encode content: brotli, zstd, gzip. */

import type { Duplex } from 'node:stream';
import type Zlib from 'node:zlib';
import type { Coding } from '../http/accept-encoding.js';

/** Makes a stream that encodes content of `size` bytes, where that is known. */
export type CoderMaker = (level: number, size: number | undefined) => Duplex;

/** The coders of this version of Node. */
export type Coders = Readonly<Partial<Record<Coding, CoderMaker>>>;

/** Node has it from 22.15; its types here are those of Node 20. */
interface WithZstd {
  readonly createZstdCompress?: (options: { params: Readonly<Record<number, number>> }) => Duplex;
}

/** The numbers of its parameters, from zstd.h. */
const ZSTD_LEVEL = 100;
const ZSTD_WINDOW = 101;

/** How far back a coder looks, as a power of two: 512 KiB. What a stream holds grows with it, what it saves hardly does. */
const WINDOW = 19;

/** The most that each takes for its level. */
export const MAX_LEVELS: Readonly<Record<Coding, number>> = { br: 11, zstd: 22, gzip: 9 };

/**
 * 33 KB of JSON, CPU on Node 24: br 4 leaves 12 % in 0.44 ms, zstd 3 13 % in 0.26, gzip 6 14 % in 0.55. One level more
 * saves a point and takes twice the time (br 5), br 11 leaves 8 % in 71 ms.
 */
export const DEFAULT_LEVELS: Readonly<Record<Coding, number>> = { br: 4, zstd: 3, gzip: 6 };

let loaded: Coders | undefined;

/** Gives the coders, with `node:zlib` loaded at the first call: a millisecond that only who compresses pays. */
export function loadCoders(): Coders {
  loaded ??= codersOf(process.getBuiltinModule('node:zlib') as typeof Zlib & WithZstd);
  return loaded;
}

function codersOf({ createBrotliCompress, createGzip, createZstdCompress, constants }: typeof Zlib & WithZstd): Coders {
  return {
    br: (level, size = 0) =>
      createBrotliCompress({
        params: {
          [constants.BROTLI_PARAM_QUALITY]: level,
          [constants.BROTLI_PARAM_LGWIN]: WINDOW,
          [constants.BROTLI_PARAM_SIZE_HINT]: size,
        },
      }),
    ...(createZstdCompress === undefined
      ? {}
      : { zstd: (level) => createZstdCompress({ params: { [ZSTD_LEVEL]: level, [ZSTD_WINDOW]: WINDOW } }) }),
    gzip: (level) => {
      const gzip = createGzip({ level });
      const flush = gzip.flush.bind(gzip);
      // A full flush, which is what `flush()` does otherwise, forgets all that later content could refer to.
      gzip.flush = () => flush(constants.Z_SYNC_FLUSH);
      return gzip;
    },
  };
}
