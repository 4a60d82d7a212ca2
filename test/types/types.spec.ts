import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/*
 * Each file in cases/ is compiled as it stands. A comment `// fits: title` or `// refused: part of the message` is
 * about the code below it, up to the next such comment.
 */

interface Case {
  readonly file: string;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly isRefused: boolean;
  readonly text: string;
}

interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

const folder = fileURLToPath(new URL('.', import.meta.url));
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const CASE = /^\s*\/\/ (fits|refused): (.*)$/;

const files = readdirSync(`${folder}/cases`);
const cases = files.flatMap(readCases);

function readCases(file: string): Case[] {
  const lines = readFileSync(`${folder}/cases/${file}`, 'utf8').split('\n');
  const marks = lines.flatMap((line, index) => {
    const mark = CASE.exec(line);
    return mark ? [{ line: index + 1, isRefused: mark[1] === 'refused', text: mark[2]! }] : [];
  });
  return marks.map(({ line, isRefused, text }, i) => ({
    file,
    firstLine: line,
    lastLine: marks[i + 1]?.line ?? lines.length,
    isRefused,
    text,
  }));
}

/** Compiles the cases, and lists what the compiler says about them. */
async function compile(compiler: string, project = 'tsconfig.json'): Promise<Diagnostic[]> {
  const output = await new Promise<string>((resolve) => {
    const args = [`${modules}/${compiler}/bin/tsc`, '--project', `${folder}/${project}`, '--pretty', 'false'];
    // A non-zero exit is expected: the refused cases are errors.
    execFile(process.execPath, args, { maxBuffer: 2 ** 24 }, (_error, stdout) => resolve(stdout));
  });
  const diagnostics: Diagnostic[] = [];
  for (const block of output.split(/\n(?=\S)/)) {
    const head = /^(\S+)\((\d+),\d+\): error /.exec(block);
    if (!head) throw new Error(`${compiler} said: ${block}`);
    const [, path, line] = head;
    // The compiler escapes quotes inside a property name; a reader of the case should not have to.
    diagnostics.push({ file: path!, line: Number(line), message: block.replaceAll('\\"', '"') });
  }
  return diagnostics;
}

describe('the cases', () => {
  it('hold at least 60 refused and 40 fitting ones', () => {
    expect(cases.filter((each) => each.isRefused).length).toBeGreaterThanOrEqual(60);
    expect(cases.filter((each) => !each.isRefused).length).toBeGreaterThanOrEqual(40);
  });
});

// Two at a time: each of the older compilers takes a core for some seconds.
const newest = await compile('typescript');
const loose = await compile('typescript', 'tsconfig.loose.json');
const [older, oldest] = await Promise.all([compile('typescript-5.9'), compile('typescript-5.4')]);

/** Those inside the cases, each with the name of its file alone. */
function inCases(all: readonly Diagnostic[]): Diagnostic[] {
  return all
    .filter(({ file }) => file.includes('test/types/cases/'))
    .map((each) => ({ ...each, file: each.file.replace(/.*\//, '') }));
}

function diagnosticsOf(each: Case, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ file, line }) => file === each.file && line > each.firstLine && line < each.lastLine);
}

describe.each([
  ['typescript 7', newest],
  ['typescript 5.9', older],
  ['typescript 5.4', oldest],
])('%s', (_compiler, all) => {
  const diagnostics = inCases(all);
  const of = (each: Case) => diagnosticsOf(each, diagnostics);

  it.each(cases.filter((each) => each.isRefused))('refuses $file:$firstLine $text', (each) => {
    const found = of(each);
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining(each.text)]);
  });

  it.each(cases.filter((each) => !each.isRefused))('accepts $file:$firstLine $text', (each) => {
    expect(of(each)).toEqual([]);
  });

  it('says nothing else', () => {
    const expected = new Set(cases.filter((each) => each.isRefused).flatMap(of));
    expect(diagnostics.filter((each) => !expected.has(each))).toEqual([]);
  });
});

describe('without strict', () => {
  const diagnostics = inCases(loose);

  // What is refused by the missing `undefined` alone is accepted, and no more is promised of the others.
  it('accepts what fits', () => {
    expect(cases.filter((each) => !each.isRefused).flatMap((each) => diagnosticsOf(each, diagnostics))).toEqual([]);
  });

  it('still refuses a type that is not read', () => {
    expect(diagnostics.map(({ message }) => message).join('\n')).toContain('without a schema gives exactly');
  });
});
