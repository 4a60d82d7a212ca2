/** Turns rows into tests. */

import { describe, expect, it } from 'vitest';
import { type Row, WAYS } from './row.js';
import { type Outcome, runRow } from './run.js';
import type { Transport } from './transports.js';

/** Tests every row over memory, in each way in which its bytes may come. */
export function checkRows(group: string, rows: readonly Row[]): void {
  describe(group, () => {
    it.each(rows.map((row) => [`${row.title} (${row.rfc})`, row] as const))('%s', async (_title, row) => {
      for (const way of row.ways ?? WAYS) expectOutcome(row, await runRow(row, way), way);
    });
  });
}

/** Tests the rows that are sent in one go over another socket. A cut connection is left out: it may be reset there. */
export function checkRowsOver(transport: Transport, group: string, rows: readonly Row[]): void {
  const sentAtOnce = rows.filter(
    ({ wire, ways, isCut }) => typeof wire === 'string' && ways === undefined && isCut === undefined,
  );
  describe(`${group} over ${transport.name}`, () => {
    it.each(sentAtOnce.map((row) => [row.title, row] as const))('%s', async (_title, row) => {
      expectOutcome(row, await runRow(row, 'whole', transport), transport.name);
    });
  });
}

/** Compares all at once, so that a failure shows everything that came of the row. */
function expectOutcome(row: Row, outcome: Outcome, way: string): void {
  const { responses } = outcome;
  const finals = responses.filter(({ status }) => status >= 200);
  const last = finals.at(-1);
  const isAnnounced = last?.fields.includes('Connection: close') ?? false;
  const found = {
    way,
    problem: outcome.problem,
    statuses: responses.map(({ status }) => status),
    after: outcome.after,
    seen: outcome.seen,
    logged: outcome.log.length,
    isCut: last?.isCut ?? false,
    isAnnounced: outcome.after === 'closed' && isAnnounced,
  };
  const wanted = {
    way,
    problem: undefined,
    statuses: row.statuses,
    after: row.after,
    seen: row.seen,
    logged: row.logged ?? 0,
    isCut: row.isCut ?? false,
    isAnnounced: row.after === 'closed' && row.statuses.some((status) => status >= 200) && row.isSilent === undefined,
  };
  expect(found).toEqual(wanted);
  if (row.contents !== undefined) {
    expect(finals.map(({ content }) => content)).toEqual(
      row.contents.map((content) => (typeof content === 'string' ? content : expect.stringMatching(content))),
    );
  }
  for (const field of row.has ?? []) {
    expect(responses.filter(({ fields }) => fields.includes(field))).toHaveLength(1);
  }
  for (const text of row.lacks ?? []) {
    if (typeof text === 'string') expect(outcome.bytes).not.toContain(text);
    else expect(outcome.bytes).not.toMatch(text);
  }
  if (row.fields !== undefined) expect(outcome.fields).toEqual(row.fields);
}
