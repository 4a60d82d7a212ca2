/** Makes the projects of strangers, below the folder where they have installed the package. */

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of packages that this tree has for its own work. */
export const OWN_PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** What `stranger/main.ts` prints where all is well. */
export const ANSWERS = [
  [200, '["Mercury","Mars"]'],
  [200, 'Earth'],
  [201, '{"name":"Vulcan"}'],
  [200, 'true'],
  404,
  400,
];

/** What can be imported: the package, and the entries below it. */
export function entriesOf(installed: string): string[] {
  const { exports } = JSON.parse(readFileSync(join(installed, 'node_modules/luminaire/package.json'), 'utf8'));
  return Object.keys(exports)
    .filter((entry) => !entry.endsWith('.json'))
    .map((entry) => entry.replace(/^\./, 'luminaire'));
}

/** What a program printed, and its exit code. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  /** Standard output, then standard error. */
  readonly output: string;
}

/** What a project is made of besides the sources in `stranger/`. */
export interface Project {
  /** Text by path. An object is written as JSON. */
  readonly files?: Readonly<Record<string, string | object>>;
  /** Packages that it has besides: a folder by name. */
  readonly packages?: Readonly<Record<string, string>>;
}

/** Makes a project called `name`, and gives its folder. */
export function makeProject(installed: string, name: string, { files = {}, packages = {} }: Project): string {
  const folder = join(installed, name);
  cpSync(fileURLToPath(new URL('stranger', import.meta.url)), folder, { recursive: true });
  for (const [path, content] of Object.entries({ 'package.json': { private: true, type: 'module' }, ...files })) {
    writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
  for (const [path, target] of Object.entries(packages)) linkPackage(folder, path, target);
  return folder;
}

/** Gives a project one of the packages that this tree has, or the one at `target`. */
export function linkPackage(folder: string, name: string, target = join(OWN_PACKAGES, name)): void {
  const link = join(folder, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(target, link);
}

/** Runs `file` to its end in `cwd`. */
export function run(file: string, args: readonly string[], cwd: string): Promise<Finished> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const { code } = (error ?? { code: 0 }) as { code?: number | string };
      if (typeof code === 'string') reject(error);
      else resolve({ code: code ?? -1, stdout, output: stdout + stderr });
    });
  });
}

/** Runs it, and gives its standard output. @throws where it ends otherwise than well. */
export async function runWell(file: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, output } = await run(file, args, cwd);
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}: ${output}`);
  return stdout;
}
