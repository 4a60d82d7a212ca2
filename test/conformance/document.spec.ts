import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REJECTIONS } from '../../src/protocol/rejection.js';
import { Opts } from '../../src/server/opts.js';

const text = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

/** The cells of each row of a table below the heading `title`. */
function cellsUnder(title: string): string[][] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => /^\| `/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const named = (cell = '') => cell.replaceAll('`', '');

describe('docs/protocol.md', () => {
  it('lists every reason of a refusal with its status, and no other', () => {
    const listed = cellsUnder('Refused').map(([reason, status]) => [named(reason), Number(status)]);
    const reasons = Object.entries(REJECTIONS).map(([reason, { status }]) => [reason, status]);
    expect(listed.sort()).toEqual(reasons.sort());
  });

  it('lists every option that counts something with its default, and no other', () => {
    const listed = cellsUnder('Limits').map(([option, byDefault]) => [named(option), byDefault]);
    const options = Object.entries(Opts.new())
      .filter(([, value]) => typeof value === 'number')
      .map(([option, value]) => [option, Number.isFinite(value) ? String(value) : 'none']);
    expect(listed.sort()).toEqual(options.sort());
  });

  it('names a status where an option is answered with one', () => {
    const statuses = {
      maxHeaderSize: 431,
      maxHeadersCount: 431,
      maxTargetSize: 414,
      maxBodySize: 413,
      maxConnections: 503,
    };
    const listed = new Map(cellsUnder('Limits').map(([option, , , outcome]) => [named(option), outcome]));
    for (const [option, status] of Object.entries(statuses)) expect(listed.get(option)).toContain(String(status));
    for (const option of ['headersTimeout', 'requestTimeout']) expect(listed.get(option)).toContain('408');
  });
});
