import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GROUPS } from './rows/all.js';
import type { Row } from './support/row.js';

const rows: readonly Row[] = Object.values(GROUPS).flat();

/** Every advisory about a server that reads HTTP/1.1 or writes it, of which a row must speak. */
const ADVISORIES = [
  ...['CVE-2015-8027', 'CVE-2016-2086', 'CVE-2016-2216', 'CVE-2016-5325', 'CVE-2017-18587', 'CVE-2018-7159'],
  ...['CVE-2018-12121', 'CVE-2018-12122', 'CVE-2019-5737', 'CVE-2019-5739', 'CVE-2019-15605', 'CVE-2019-15606'],
  ...['CVE-2020-8201', 'CVE-2020-8251', 'CVE-2020-8287', 'CVE-2020-15586', 'CVE-2020-35863', 'CVE-2021-21299'],
  ...['CVE-2021-22959', 'CVE-2021-22960', 'CVE-2021-32714', 'CVE-2021-32715', 'CVE-2022-32213', 'CVE-2022-32214'],
  ...['CVE-2022-32215', 'CVE-2022-35256', 'CVE-2023-23936', 'CVE-2023-30589', 'CVE-2023-34188', 'CVE-2023-39326'],
  ...['CVE-2023-40175', 'CVE-2023-40225', 'CVE-2023-47627', 'CVE-2024-22019', 'CVE-2024-24791', 'CVE-2024-27982'],
  ...['CVE-2025-22871', 'CVE-2025-23167', 'CVE-2026-1525', 'CVE-2026-2833', 'CVE-2026-2835', 'CVE-2026-21710'],
  ...['CVE-2026-21717', 'CVE-2026-56866', 'go 61679', 'go 64517', 'bun 29732'],
];

describe('the rows', () => {
  it('are at least 350', () => {
    expect(rows.length).toBeGreaterThanOrEqual(350);
  });

  it('have a reference each: a section, an advisory, or the name of an attack', () => {
    expect(
      rows.filter(
        ({ rfc }) => !/^(?:\d{4} (?:§\d|appendix |erratum )|CVE-\d{4}-\d|RFC \d|[A-Za-z][\w .:()]{2,})/.test(rfc),
      ),
    ).toEqual([]);
  });

  it('have a title of their own each', () => {
    const titles = rows.map(({ title }) => title);
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
  });

  it('claim something in the present tense', () => {
    expect(rows.filter(({ title }) => !/^[a-z]/.test(title) || /\b(?:should|works?)\b/.test(title))).toEqual([]);
  });

  it.each(ADVISORIES)('speak of %s', (advisory) => {
    expect(rows.some(({ rfc }) => rfc === advisory)).toBe(true);
  });

  it('are each in a group that has a spec file', () => {
    const specs = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.spec.ts'));
    expect(specs).toEqual(expect.arrayContaining(Object.keys(GROUPS).map((group) => `${group}.spec.ts`)));
  });

  it('are refused with something behind them that is not served, in at least 200 cases', () => {
    const behind = rows.filter(({ wire, after }) => after === 'closed' && JSON.stringify(wire).includes('/smuggled'));
    expect(behind.length).toBeGreaterThanOrEqual(200);
  });
});
