/** Makes medians, ratios and the table out of what was measured. */

import { type Contender, OURS, REFERENCE } from './contenders.js';
import type { Scenario } from './scenarios.js';

/** What one server showed in one scenario, a figure each round. */
export type Rounds = ReadonlyMap<Contender, readonly number[]>;

export interface Figure {
  readonly median: number;
  /** The median of the rounds' ratios to the reference; a round's two figures were taken one after the other. */
  readonly ratio: number | undefined;
  readonly rounds: readonly number[];
}

/** Scenario -> server -> figure. */
export type Figures = Readonly<Record<string, Readonly<Partial<Record<Contender, Figure>>>>>;

/** Scenario -> server -> ratio, as committed. */
export type Ratios = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** How far a ratio may be over the committed one. */
const TOLERANCE = 1.15;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function figuresOf(measured: Rounds): Partial<Record<Contender, Figure>> {
  const reference = measured.get(REFERENCE) ?? [];
  return Object.fromEntries(
    [...measured].map(([contender, rounds]) => [contender, { median: median(rounds), ratio: ratioOf(rounds), rounds }]),
  );

  function ratioOf(rounds: readonly number[]): number | undefined {
    if (reference.length !== rounds.length) return undefined;
    return median(rounds.map((value, i) => value / reference[i]!));
  }
}

/** A row a scenario, a column a server: the median, and its ratio to the reference. */
export function tableOf(figures: Figures, scenarios: readonly Scenario[], contenders: readonly Contender[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = scenarios.map(({ name, title, digits }) => {
    const cells = contenders.map((contender) => cellOf(figures[name]?.[contender], contender, digits));
    return row([title, ...cells]);
  });
  return [row(['scenario', ...contenders]), row(['---', ...contenders.map(() => '---:')]), ...lines].join('\n');
}

function cellOf(figure: Figure | undefined, contender: Contender, digits: number): string {
  if (figure === undefined) return '';
  const value = figure.median.toFixed(figure.median >= 100 ? 0 : digits);
  return figure.ratio === undefined || contender === REFERENCE ? value : `${value} (${figure.ratio.toFixed(2)})`;
}

/** What `--write-ratios` commits: this repository's servers, in the scenarios that are checked. */
export function ratiosOf(figures: Figures, scenarios: readonly Scenario[]): Ratios {
  const checked = scenarios.filter(({ isChecked }) => isChecked);
  return Object.fromEntries(
    checked.map(({ name }) => [
      name,
      Object.fromEntries(
        OURS.flatMap((ours) => {
          const ratio = figures[name]?.[ours]?.ratio;
          return ratio === undefined ? [] : [[ours, Number(ratio.toFixed(3))]];
        }),
      ),
    ]),
  );
}

/** A line for every ratio that is more than 15 % over the committed one, or that is missing. */
export function regressions(ratios: Ratios, committed: Ratios): readonly string[] {
  return Object.entries(ratios).flatMap(([name, servers]) =>
    Object.entries(committed[name] ?? {}).flatMap(([ours, allowed]) => {
      const ratio = servers[ours];
      if (ratio === undefined) return [`${name}, ${ours}: not measured`];
      if (ratio <= allowed * TOLERANCE) return [];
      return [`${name}, ${ours}: ${ratio.toFixed(2)} of ${REFERENCE}, committed are ${allowed.toFixed(2)}`];
    }),
  );
}
