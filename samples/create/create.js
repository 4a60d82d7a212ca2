#!/usr/bin/env node
/** Makes a project in an empty folder: `npm create luminaire my-app`. */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The name that the template has, in texts and in names of files. */
const TEMPLATE_NAME = 'luminaire-app';
const TEMPLATE = fileURLToPath(new URL('template', import.meta.url));
const HELP = `Usage: npm create luminaire [folder] [-- --no-install]

Makes a project in "folder", which must be empty or not there yet. "." is the folder that you are in.
Default: ${TEMPLATE_NAME}. Its last part is the name of the project.

  --no-install  does not install the packages
  --help        shows this
`;

/** A mistake of whoever runs this: told in one line, without a stack. */
class Mistake extends Error {}

try {
  create(argumentsOf(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof Mistake)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** Makes the project, then says what to do next. */
function create({ values, positionals: [target = TEMPLATE_NAME] }) {
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const folder = resolve(target);
  const name = basename(folder);
  checkName(name);
  checkEmpty(folder);
  copyTemplate(folder, name);
  const packageManager = packageManagerOf(process.env.npm_config_user_agent);
  const installs = !values['no-install'];
  if (installs) install(packageManager, folder);
  const path = relative('', folder);
  const steps = [
    ...(path === '' ? [] : [`cd ${/^[\w./-]+$/.test(path) ? path : JSON.stringify(path)}`]),
    ...(installs ? [] : [`${packageManager} install`]),
    `${packageManager} test`,
    `${packageManager} run dev`,
  ];
  console.log(`\n${name} is made. Next:\n\n${steps.map((step) => `  ${step}\n`).join('')}`);
}

function argumentsOf(args) {
  try {
    const options = { help: { type: 'boolean', short: 'h' }, 'no-install': { type: 'boolean' } };
    const parsed = parseArgs({ args, options, allowPositionals: true });
    if (parsed.positionals.length > 1) throw new Error(`One folder at most, got ${parsed.positionals.join(' ')}`);
    return parsed;
  } catch (error) {
    // What parseArgs says after the first sentence is about arguments that begin with a dash: no folder does.
    throw new Mistake(`${error.message.split('. ')[0]}.\n\n${HELP}`);
  }
}

/** A name that npm takes, and that is safe in the names of files and of services. */
function checkName(name) {
  if (/^[a-z0-9][a-z0-9._-]{0,213}$/.test(name) && name !== 'node_modules') return;
  const proposed = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|-+$/g, '');
  throw new Mistake(
    `The folder's name is that of the package: a-z and 0-9, then also "-", "." and "_". "${name}" is not` +
      `${proposed === '' || proposed === 'node_modules' ? '.' : `, "${proposed}" would be.`}`,
  );
}

/** A repository without a commit is as good as empty. */
function checkEmpty(folder) {
  if (!existsSync(folder)) return;
  const found = contentsOf(folder).filter((name) => name !== '.git');
  if (found.length === 0) return;
  throw new Mistake(
    `${folder} is not empty: it has ${found.slice(0, 3).join(', ')}${found.length > 3 ? ' ...' : ''}. Choose another folder.`,
  );
}

function contentsOf(folder) {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error.code === 'ENOTDIR') throw new Mistake(`${folder} is a file. Choose another folder.`);
    throw error;
  }
}

/** Copies the template, with `name` in the place of its own. */
function copyTemplate(folder, name) {
  mkdirSync(folder, { recursive: true });
  cpSync(TEMPLATE, folder, { recursive: true });
  // npm leaves files of that name out of a package.
  renameSync(join(folder, 'gitignore'), join(folder, '.gitignore'));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (!entry.isFile() || path.includes(join(folder, '.git/'))) continue;
    const text = readFileSync(path, 'utf8');
    if (text.includes(TEMPLATE_NAME)) writeFileSync(path, text.replaceAll(TEMPLATE_NAME, name));
    if (entry.name.includes(TEMPLATE_NAME)) {
      renameSync(path, join(path, '..', entry.name.replace(TEMPLATE_NAME, name)));
    }
  }
}

/** npm, pnpm, yarn or bun: whichever runs this, by what it says of itself (`npm/11.19.1 node/v20.20.2 ...`). */
function packageManagerOf(userAgent = '') {
  const [name] = userAgent.split('/');
  return ['pnpm', 'yarn', 'bun'].includes(name) ? name : 'npm';
}

function install(packageManager, folder) {
  console.log(`Installing the packages of ${basename(folder)} ...`);
  // On Windows package managers are scripts, which a shell runs. Nothing of what it is given comes from outside.
  const { status } = spawnSync(packageManager, ['install'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  throw new Mistake(
    `The packages could not be installed. The project is made: try again by "${packageManager} install" in ${folder}`,
  );
}
