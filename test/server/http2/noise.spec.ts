import { describe, expect, it } from 'vitest';
import { Noise } from '../../../src/server/http2/noise.js';

const MEBIBYTE = 1_048_576;

describe('Noise', () => {
  it('is too much over a mebibyte from one look to the next', () => {
    const noise = new Noise(100);
    expect(noise.isTooMuch(MEBIBYTE)).toBe(false);
    expect(noise.isTooMuch(2 * MEBIBYTE)).toBe(false);
    expect(noise.isTooMuch(3 * MEBIBYTE + 1)).toBe(true);
  });

  it('is neither a request, nor content that is read, nor a window of it that may be', () => {
    const noise = new Noise(100);
    noise.noteRequest(1_000, true);
    noise.noteContent(5_000_000);
    expect(noise.isTooMuch(MEBIBYTE + 5_066_000)).toBe(false);
    expect(noise.isTooMuch(2 * MEBIBYTE + 5_066_001)).toBe(true);
  });

  it('is twice maxConcurrentStreams of streams that are left, and ten more with each look', () => {
    const noise = new Noise(10);
    const leave = (count: number) => Array.from({ length: count }, () => noise.noteReset()).at(-1);
    expect(leave(20)).toBe(false);
    noise.isTooMuch(0);
    expect(leave(10)).toBe(false);
    expect(leave(1)).toBe(true);
  });
});
