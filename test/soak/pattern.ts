/** Holds content in which a byte that is lost, doubled or moved shows. */

const SIZE = 2_097_152;

/** 2 MiB whose period, 251, is prime: no power of two shifts it onto itself. */
export const PATTERN = Buffer.alloc(
  SIZE,
  Uint8Array.from({ length: 251 }, (_, i) => i),
);
