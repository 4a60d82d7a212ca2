/** Installs the peers' packages, apart from those of the repository. */

import { spawnSync } from 'node:child_process';
import { lstatSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { BENCH, COMPILED } from './paths.js';

/** Makes the packages of `test/bench` what its lock file says, and findable from the compiled servers. */
export function installPackages(): void {
  const installed = join(BENCH, 'node_modules');
  if (modifiedAt(join(installed, '.package-lock.json')) < modifiedAt(join(BENCH, 'package-lock.json'))) {
    console.error('Installing the peers of the benchmark ...');
    const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: BENCH,
      stdio: ['ignore', process.stderr, process.stderr],
    });
    if (status !== 0) throw new Error(`npm ci in ${BENCH} ended with ${status}`);
  }
  linkTo(relative(COMPILED, installed), join(COMPILED, 'node_modules'));
}

function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function linkTo(target: string, path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    if (readlinkSync(path) === target) return;
    rmSync(path);
  }
  symlinkSync(target, path);
}
