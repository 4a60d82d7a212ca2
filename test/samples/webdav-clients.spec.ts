import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { listen, STORES, temporaryFolder } from './support/dav.js';
import { makeTree, readTree } from './support/tree.js';

// What others wrote, from Debian: litmus, cadaver, rclone, gvfs, davfs2. One that is missing fails its test.

const run = promisify(execFile);
const USER = 'ada';
const PASSWORD = 'lovelace';

describe.each(STORES)('over the %s store', (kind) => {
  it('every test of litmus passes', async () => {
    const { url } = await listen(kind);
    const cwd = await temporaryFolder();
    const { stdout } = await run('litmus', ['-k', url, USER, PASSWORD], { cwd }).catch((error) => {
      if (error.code === 'ENOENT') throw error;
      return error as { stdout: string };
    });
    const summaries = [...stdout.matchAll(/<- summary for `(\w+)': of (\d+) tests run: (\d+) passed, (\d+) failed/g)];
    expect(stdout.match(/^.*(?:FAIL|WARNING|SKIPPED).*$/gm)).toBeNull();
    expect(summaries.map(([, suite, all, passed, failed]) => [suite, passed === all, failed])).toEqual([
      ['basic', true, '0'],
      ['copymove', true, '0'],
      ['props', true, '0'],
      ['locks', true, '0'],
      ['http', true, '0'],
    ]);
  }, 120_000);

  it('cadaver does all it can', async () => {
    const { url } = await listen(kind);
    const home = await temporaryFolder();
    await writeFile(join(home, '.netrc'), `machine 127.0.0.1\nlogin ${USER}\npassword ${PASSWORD}\n`, { mode: 0o600 });
    await writeFile(join(home, 'local.txt'), 'local text\n');
    const session = await cadaver(home, [
      `open ${url}`,
      'mkcol folder',
      'cd folder',
      'put local.txt remote.txt',
      'lock remote.txt',
      'discover remote.txt',
      'put local.txt remote.txt',
      'propset remote.txt colour blue',
      'propget remote.txt colour',
      'unlock remote.txt',
      'copy remote.txt copied.txt',
      'move copied.txt moved.txt',
      'get moved.txt back.txt',
      'ls',
      'delete moved.txt',
      'cd ..',
      'rmcol folder',
      'ls',
      'quit',
    ]);
    expect(session).not.toMatch(/failed|refused|error/i);
    expect(session).toMatch(
      /Lock token <urn:uuid:[\da-f-]{36}>:\n {2}Depth 0 on `http:\S+remote\.txt'\n {2}Scope: exclusive/,
    );
    expect(session).toContain('Value of colour is: blue');
    expect(session).toMatch(
      /Listing collection `\/files\/folder\/': succeeded\.\n +moved\.txt +11 .*\n +remote\.txt +11 /,
    );
    expect(session).toMatch(/Listing collection `\/files\/': (?:collection is empty|succeeded)\.\n(?!.*folder)/);
    expect(await readFile(join(home, 'back.txt'), 'utf8')).toBe('local text\n');
  });
});

describe('rclone', () => {
  it('brings 1,000 files in and back, many at a time, and finds no difference', async () => {
    const { url, folder } = await listen('folder');
    const home = await temporaryFolder();
    const tree = join(home, 'tree');
    await makeTree(tree, 1_000);
    const { stdout } = await run('rclone', ['obscure', PASSWORD]);
    const env = { ...process.env, RCLONE_CONFIG: '/dev/null', RCLONE_WEBDAV_PASS: stdout.trim() };
    const rclone = (...args: readonly string[]) => {
      const common = ['--webdav-url', url, '--webdav-user', USER, '--retries', '1', '--low-level-retries', '1'];
      return run('rclone', [...args, ...common, '--transfers', '16', '--checkers', '16'], { env });
    };
    await rclone('copy', tree, ':webdav:tree');
    const { stderr } = await rclone('check', tree, ':webdav:tree', '--download');
    expect(stderr).toContain('0 differences found');
    expect(stderr).toContain('1000 matching files');
    await rclone('copy', ':webdav:tree', join(home, 'back'));
    const sent = await readTree(tree);
    expect(await readTree(join(home, 'back'))).toEqual(sent);
    expect(await readTree(join(folder, 'tree'))).toEqual(sent);
  }, 240_000);
});

describe('GNOME', () => {
  it('mounts it, lists, writes, reads, moves, renames and removes', async () => {
    const { url, folder } = await listen('folder');
    const home = await temporaryFolder();
    await writeFile(join(home, 'local ü.txt'), 'from GNOME\n');
    const root = url.replace('http://', `dav://${USER}@`).replace(/\/$/, '');
    const output = await session(home, [
      `echo ${PASSWORD} | gio mount ${root}`,
      `gio copy '${home}/local ü.txt' ${root}/`,
      `gio list -l ${root}/ | cut -f 1,2 && echo .`,
      `gio cat ${root}/local%20%C3%BC.txt`,
      `gio mkdir ${root}/made`,
      `gio move ${root}/local%20%C3%BC.txt ${root}/made/moved`,
      `gio rename ${root}/made/moved 'renamed #1?'`,
      `gio cat ${root}/made/renamed%20%231%3F`,
      `gio info -f ${root} | grep -c filesystem::free`,
      `gio remove ${root}/made/renamed%20%231%3F`,
      `gio list ${root}/ && echo .`,
    ]);
    expect(output).toMatch(/local ü\.txt\t11\n\.\nfrom GNOME\nRename successful\. .*\nfrom GNOME\n1\nmade\n\.\n$/);
    expect(await readdir(join(folder, 'made'))).toEqual([]);
  }, 60_000);
});

/** Whether a file system in user space may be mounted here. */
function canMount(): boolean {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

describe('davfs2', () => {
  // Containers mostly have no /dev/fuse, or no right to mount.
  it.runIf(canMount())(
    'is mounted, and its files are written, moved and read',
    async () => {
      const { url, folder } = await listen('folder');
      const home = await temporaryFolder();
      const mount = join(home, 'mount');
      await mkdir(mount);
      const conf = join(home, 'davfs2.conf');
      await writeFile(conf, 'ask_auth 1\nuse_locks 1\ndelay_upload 0\n');
      await answering('mount.davfs', ['-o', `conf=${conf}`, url, mount], `${USER}\n${PASSWORD}\n`);
      try {
        await writeFile(join(mount, 'a ü.txt'), 'through the kernel');
        await mkdir(join(mount, 'new'));
        await run('mv', [join(mount, 'a ü.txt'), join(mount, 'new', 'b.txt')]);
        expect(await readFile(join(mount, 'new', 'b.txt'), 'utf8')).toBe('through the kernel');
      } finally {
        await run('umount', [mount]);
      }
      // As the server has it: what is read through the mount may be davfs2's own copy.
      expect(await readFile(join(folder, 'new', 'b.txt'), 'utf8')).toBe('through the kernel');
      expect((await readdir(folder)).filter((name) => !name.startsWith('.'))).toEqual(['new']);
    },
    60_000,
  );

  it('is installed, wherever it may be mounted', async () => {
    const { stdout } = await run('mount.davfs', ['--version']);
    expect(stdout).toMatch(/^davfs2 \d/);
  });
});

/** Runs commands on a session bus of their own, each of which must succeed; gives what they print. */
async function session(home: string, commands: readonly string[]): Promise<string> {
  const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, LC_ALL: 'C.UTF-8' };
  const script = ['set -e', ...commands].join('\n');
  const { stdout } = await run('dbus-run-session', ['--', 'sh', '-c', script], { env, timeout: 45_000 });
  return stdout;
}

/** Runs a session of cadaver; gives what it printed. */
async function cadaver(home: string, commands: readonly string[]): Promise<string> {
  const child = spawn('cadaver', [], { cwd: home, env: { ...process.env, HOME: home, LC_ALL: 'C.UTF-8' } });
  return outputOf(child, `${commands.join('\n')}\n`);
}

/** Runs a command that asks questions. */
async function answering(command: string, args: readonly string[], answers: string): Promise<void> {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const output = await outputOf(child, answers);
  if (child.exitCode !== 0) throw new Error(`${command} ended with ${child.exitCode}: ${output}`);
}

async function outputOf(child: ChildProcess, input: string): Promise<string> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  child.stdin?.end(input);
  await once(child, 'exit');
  return output;
}
