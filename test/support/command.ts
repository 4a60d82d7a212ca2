/** Runs a program to its end. */

import { execFile } from 'node:child_process';

/** What a program printed, and its exit code. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `file` with `args`, and `input` as its standard input. @throws where there is no such program. */
export function command(file: string, args: readonly string[], input = ''): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { encoding: 'utf8' }, (error, stdout, stderr) => {
      const { code } = (error ?? { code: 0 }) as { code?: number | string };
      if (typeof code === 'string') reject(error);
      else resolve({ code: code ?? -1, stdout, stderr });
    });
    // A program that ends before it has read everything is no fault of the test.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
