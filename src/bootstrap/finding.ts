/** Declares what boot reports about an application that cannot start. */

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
}

/** Makes a finding. A message of its own may say the same more directly. */
export function finding(place: string, expected: string, found: string, remedy: string, said?: string): Finding {
  const message = `${place}: ${said ?? `expected ${expected}, found ${found}`}. ${remedy}`;
  return { place, expected, found, remedy, message };
}

/** Says everything that boot found wrong, in the order of the controllers. */
export class BootError extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[], options?: { readonly cause?: unknown }) {
    const list = findings.map((each, i) => `  ${i + 1}. ${each.message}`).join('\n');
    const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
    super(`The application cannot start: ${count}\n${list}`, options);
    this.findings = findings;
  }
}
BootError.prototype.name = 'BootError';
