import { describe, expect, it } from 'vitest';
import type { Contender } from './contenders.js';
import { figuresOf, median, ratiosOf, regressions, tableOf } from './report.js';
import type { Scenario } from './scenarios.js';

function rounds(values: Partial<Record<Contender, readonly number[]>>): Map<Contender, readonly number[]> {
  return new Map(Object.entries(values) as [Contender, readonly number[]][]);
}

const hello = { name: 'hello', title: 'hello', digits: 2, isChecked: true } as Scenario;
const p99 = { name: 'p99', title: 'p99', digits: 1, isChecked: false } as Scenario;

describe('median', () => {
  it.each([
    ['is the middle of an odd number of values', [3, 1, 2], 2],
    ['is between the middle two of an even number', [4, 1, 2, 3], 2.5],
  ])('%s', (_title, values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe('figuresOf', () => {
  it('compares a server with the reference of the same round', () => {
    // The machine was twice as slow in the second round.
    const figures = figuresOf(rounds({ 'node-http': [10, 20, 10], luminaire: [6, 12, 6] }));
    expect(figures.luminaire).toMatchObject({ median: 6, ratio: 0.6 });
  });

  it('gives no ratio where the reference is missing', () => {
    expect(figuresOf(rounds({ luminaire: [6] })).luminaire?.ratio).toBeUndefined();
  });
});

describe('tableOf', () => {
  it('shows median and ratio, and leaves empty what was not measured', () => {
    const figures = { hello: figuresOf(rounds({ 'node-http': [10], uws: [123] })) };
    expect(tableOf(figures, [hello], ['node-http', 'luminaire', 'uws'])).toBe(
      [
        '| scenario | node-http | luminaire | uws |',
        '| --- | ---: | ---: | ---: |',
        '| hello | 10.00 |  | 123 (12.30) |',
      ].join('\n'),
    );
  });
});

describe('regressions', () => {
  it.each([
    ['passes a ratio within 15 %', 0.69, []],
    ['names a ratio beyond 15 %', 0.7, ['hello, luminaire: 0.70 of node-http, committed are 0.60']],
    ['passes a ratio that fell', 0.1, []],
  ])('%s', (_title, ratio, expected) => {
    expect(regressions({ hello: { luminaire: ratio } }, { hello: { luminaire: 0.6 } })).toEqual(expected);
  });

  it('names what was not measured', () => {
    expect(regressions({ hello: {} }, { hello: { luminaire: 0.6 } })).toEqual(['hello, luminaire: not measured']);
  });

  it('watches only what is checked', () => {
    const figures = figuresOf(rounds({ 'node-http': [10], luminaire: [6], fastify: [11] }));
    expect(ratiosOf({ hello: figures, p99: figures }, [hello, p99])).toEqual({ hello: { luminaire: 0.6 } });
  });
});
