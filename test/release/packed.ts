/** Packs the tree as it stands, installs that package where nothing of the tree is. */

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { linkPackage, OWN_PACKAGES, runWell } from './stranger.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The package as it would be published: a file that npm made. */
    tarball: string;
    /** What the tarball was packed from: a copy of the tree, built by packing. */
    tree: string;
    /** A folder where the package is installed, with nothing beside it. */
    installed: string;
    /** The same folder again, with every optional peer as well. */
    furnished: string;
    /** A folder with what `tools/package.json` names. */
    tools: string;
  }
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INSTALL = ['install', '--no-audit', '--no-fund', '--loglevel=error'];

type Folders = [tree: string, installed: string, furnished: string];

export default async function pack({ provide }: TestProject): Promise<() => void> {
  const home = mkdtempSync(join(tmpdir(), 'luminaire-release-'));
  const [tree, installed, furnished] = ['tree', 'installed', 'furnished'].map((name) => join(home, name)) as Folders;
  // The tree may be in use: packing it where it stands would take its `dist` away for a while.
  await copyTree(tree);
  await runWell('npm', ['pack', '--pack-destination', home], tree);
  const tarball = join(home, readdirSync(home).find((name) => name.endsWith('.tgz')) as string);
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), '{ "private": true, "type": "module" }');
  await runWell('npm', [...INSTALL, tarball], installed);
  cpSync(installed, furnished, { recursive: true, verbatimSymlinks: true });
  for (const name of optionalPeers(tree)) linkPackage(furnished, name);
  provide('tarball', tarball);
  provide('tree', tree);
  provide('installed', installed);
  provide('furnished', furnished);
  provide('tools', (await runWell('test/release/tools/install', [], ROOT)).trim());
  return () => rmSync(home, { recursive: true, force: true });
}

function optionalPeers(folder: string): string[] {
  const { peerDependenciesMeta } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.keys(peerDependenciesMeta);
}

/** What git would have of the tree if all of it were added. */
async function copyTree(to: string): Promise<void> {
  const paths = await runWell('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], ROOT);
  for (const path of paths.split('\0')) {
    // A file that was deleted is listed until that is committed.
    if (path === '' || !existsSync(join(ROOT, path))) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(ROOT, path), join(to, path));
  }
  symlinkSync(OWN_PACKAGES, join(to, 'node_modules'));
}
