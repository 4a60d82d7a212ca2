/** Compiles the package, the samples and the programs of tests, for what runs in a process of its own. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { command } from './command.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const SOURCES: readonly string[] = [
  'src',
  'samples',
  'test/cluster/application.ts',
  'test/deployment/application.ts',
  'test/runtimes',
  'test/soak/shared-server.ts',
  'test/support/wire-rows.ts',
];

/** As `npm run compile` does, into the folder where it stands; the package finds itself there by its name. */
const COMPILE = `
  test -e compiled && exit
  root=$1 folder=$PWD
  shift
  cp "$root/package.json" "$root/rolldown.config.mjs" .
  ln -sfn "$root/node_modules" .
  (cd "$root" && node_modules/.bin/swc "$@" --out-dir "$folder/dist" --copy-files --quiet)
  node_modules/.bin/rolldown -c >/dev/null
  touch compiled
`;

/**
 * Gives the folder with `dist`, `package.json` and `node_modules`. The first spec of a run that asks compiles; others wait for
 * it. It is gone after the run.
 */
export async function compiled(): Promise<string> {
  const folder = inject('compiledFolder');
  const lock = join(folder, 'lock');
  const { code, stderr } = await command('flock', [lock, 'sh', '-ec', `cd '${folder}'\n${COMPILE}`, 'sh', ROOT, ...SOURCES]); // biome-ignore format: one line
  if (code !== 0) throw new Error(`The sources do not compile:\n${stderr}`);
  return folder;
}
