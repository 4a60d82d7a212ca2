import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { command, type Finished } from '../support/command.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEMPLATE = join(ROOT, 'samples/create/template');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'luminaire-create-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

/** Runs `npm create luminaire ARGS` as npm does, in `within` of the test's folder. */
function create(args: readonly string[], within = '.', userAgent = 'npm/11.0.0 node/v20.19.0'): Promise<Finished> {
  const script = join(ROOT, 'samples/create/create.js');
  const run = 'cd "$1" && shift && exec "$@"';
  return command('env', [
    `npm_config_user_agent=${userAgent}`,
    ...['sh', '-c', run, 'sh', join(folder, within), process.execPath, script, ...args],
  ]);
}

const filesOf = async (path: string): Promise<string[]> =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

const jsonOf = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

describe('create-luminaire', () => {
  it('makes a project of the name of its folder', async () => {
    const { code, stdout } = await create(['parts/my-app', '--no-install']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: '\nmy-app is made. Next:\n\n  cd parts/my-app\n  npm install\n  npm test\n  npm run dev\n\n',
    });
    const project = join(folder, 'parts/my-app');
    expect((await jsonOf(join(project, 'package.json'))).name).toBe('my-app');
    const files = await filesOf(project);
    expect(files).toEqual(
      expect.arrayContaining([join(project, '.gitignore'), join(project, 'deploy/my-app@.service')]),
    );
    for (const file of files) expect(`${file}\n${await readFile(file, 'utf8')}`).not.toContain('luminaire-app');
  });

  it('is content with the folder it is in, and with a repository without a commit', async () => {
    await mkdir(join(folder, 'here'));
    execFileSync('git', ['init', '--quiet', join(folder, 'here')]);
    const { code, stdout } = await create(['.', '--no-install'], 'here', 'pnpm/10.0.0 npm/? node/v20.19.0');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: '\nhere is made. Next:\n\n  pnpm install\n  pnpm test\n  pnpm run dev\n\n',
    });
  });

  it('has a name where it is given none', async () => {
    expect((await create(['--no-install'])).code).toBe(0);
    expect(await readdir(folder)).toEqual(['luminaire-app']);
  });

  it('says what it can do', async () => {
    const { code, stdout } = await create(['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: npm create luminaire \[folder\]/);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['an option that it does not know', ['my-app', '--typescript'], /^Unknown option '--typescript'\.\n\nUsage: /],
    ['a second folder', ['my', 'app'], /^One folder at most, got my app\.\n\nUsage: /],
    ['a name that is none for a package', ['My App'], /"My App" is not, "my-app" would be\.\n$/],
    ['a name without a letter', ['...'], /"\.\.\." is not\.\n$/],
    ['a name that npm keeps for itself', ['node_modules'], /"node_modules" is not\.\n$/],
    ['a folder that is not empty', ['full'], /full is not empty: it has a\.txt\. Choose another folder\.\n$/],
    ['a file', ['full/a.txt'], /a\.txt is a file\. Choose another folder\.\n$/],
  ])('refuses %s, and touches nothing', async (_title, args, message) => {
    await mkdir(join(folder, 'full'));
    await writeFile(join(folder, 'full/a.txt'), 'kept');
    const { code, stdout, stderr } = await create(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(await readdir(folder, { recursive: true })).toEqual(['full', 'full/a.txt']);
  });
});

describe('the template', () => {
  it('has the versions of this repository', async () => {
    const repository = await jsonOf(join(ROOT, 'package.json'));
    const { version } = await jsonOf(join(ROOT, 'samples/create/package.json'));
    const { dependencies, devDependencies } = await jsonOf(join(TEMPLATE, 'package.json'));
    const own = { luminaire: `^${repository.version}`, ...repository.devDependencies };
    const wanted = { ...dependencies, ...devDependencies };
    expect(wanted).toEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, own[name]])));
    expect(version).toBe(repository.version);
  });

  it('is compiled in its tests as this repository is', async () => {
    expect(await jsonOf(join(TEMPLATE, '.swcrc'))).toEqual(await jsonOf(join(ROOT, '.swcrc')));
  });

  it.each([
    ['nginx.conf', 'nginx.conf', [['listen 80;', 'listen 8000;']]],
    [
      'app@.service',
      'luminaire-app@.service',
      [
        ['The application on', 'luminaire-app on'],
        ['/srv/app', '/srv/luminaire-app'],
        ['/var/lib/app', '/var/lib/luminaire-app'],
        ['=app\n', '=luminaire-app\n'],
      ],
    ],
  ])('has the recipe %s, but for its names and ports', async (recipe, file, changes) => {
    const [ours, theirs] = await Promise.all([
      readFile(join(ROOT, 'docs/deployment', recipe), 'utf8'),
      readFile(join(TEMPLATE, 'deploy', file), 'utf8'),
    ]);
    // The first line says where it goes.
    const afterFirst = (text: string) => text.slice(text.indexOf('\n'));
    const changed = changes.reduce((text, [from = '', to = '']) => {
      expect(text).toContain(from);
      return text.replaceAll(from, to);
    }, afterFirst(ours));
    expect(afterFirst(theirs)).toBe(changed);
  });
});
