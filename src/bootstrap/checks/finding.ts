/** Declares what boot reports about an application. */

import { type AnyClass, fileOf } from '../../decorators/metadata.js';

/** One mistake of the programmer, found before a port is opened. */
export interface Finding {
  /** `Class.method`, or the class alone. */
  readonly place: string;
  readonly expected: string;
  readonly found: string;
  /** What to change, as a sentence. */
  readonly remedy: string;
  /** All of it in one line. */
  readonly message: string;
  /** The file of the class, where its decorators tell: below the working directory, or the whole path. */
  readonly file: string | undefined;
}

/** A class, or a member of it. */
export interface Place {
  readonly holder: AnyClass;
  /** `Class.method`. */
  readonly name: string;
}

/** Makes a finding about a class, a member of one, or the options. A message of its own may say the same more directly. */
export function finding(
  subject: AnyClass | Place | string,
  expected: string,
  found: string,
  remedy: string,
  said?: string,
): Finding {
  const place = typeof subject === 'string' ? subject : subject.name || '(anonymous class)';
  const holder = typeof subject === 'string' ? undefined : typeof subject === 'function' ? subject : subject.holder;
  const message = `${place}: ${said ?? `expected ${expected}, found ${found}`}. ${remedy}`;
  return { place, expected, found, remedy, message, file: holder && fileOf(holder) };
}

/** Orders findings by file, those without one last. What is of one file keeps its order. */
export function byFile(findings: readonly Finding[]): Finding[] {
  const key = ({ file }: Finding) => file ?? '\uffff';
  return [...findings].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/** Says everything that boot found wrong, sorted by file. */
export class BootError extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[], options?: { readonly cause?: unknown }) {
    const sorted = byFile(findings);
    const count = sorted.length === 1 ? '1 finding' : `${sorted.length} findings`;
    super(`The application cannot start: ${count}\n${describeFindings(sorted)}`, options);
    this.findings = sorted;
  }
}
BootError.prototype.name = 'BootError';

/** Numbers findings, one a line, with the file of those that have one under it. */
export function describeFindings(findings: readonly Finding[]): string {
  return findings.map(({ message, file }, i) => `  ${i + 1}. ${message}${file ? `\n     ${file}` : ''}`).join('\n');
}
