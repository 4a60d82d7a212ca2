import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { command } from '../support/command.js';
import { compiled } from '../support/compiled.js';
import { testGuide } from './guide.js';

const guide = await testGuide('workers.md');
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the guide to workers', () => {
  const examples = fileURLToPath(guide.folder);
  const built = join(examples, 'built');
  const library = join(built, 'node_modules/luminaire');

  // Workers run their script again, so the examples run as a user's would: compiled, in processes of their own.
  beforeAll(async () => {
    await mkdir(library, { recursive: true });
    await writeFile(join(library, 'package.json'), '{"type":"module","exports":"./src/index.js"}');
    const compile = async (source: string, to: string) => {
      const settings = ['--out-dir', to, '--quiet', '--strip-leading-paths', '--config-file', join(ROOT, '.swcrc')];
      const { code, stderr } = await command(join(ROOT, 'node_modules/.bin/swc'), [source, ...settings]);
      expect(code, stderr).toBe(0);
    };
    await symlink(join(await compiled(), 'dist/src'), join(library, 'src'));
    for (const { name } of guide.examples) await compile(join(examples, name), built);
  });

  async function find(name: string): Promise<string> {
    const { stdout } = await command('find', [
      built,
      '-name',
      name.replace(/ts$/, 'js'),
      '-not',
      '-path',
      '*/node_modules/*',
    ]);
    return stdout.trim();
  }

  it.each(['application.ts', 'server.ts'])('serves from two processes with %s, and ends at SIGTERM', async (name) => {
    const child = spawn(process.execPath, [await find(name)], { env: { ...process.env, PORT: '0' } });
    const closed = once(child, 'close');
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
    try {
      while (!/is served by 2 workers/.test(output)) await Promise.race([once(child.stdout, 'data'), closed]);
      const url = /http:\S+/.exec(output)?.[0] as string;
      const pids = new Set<string>();
      for (let i = 0; i < 6; i++) pids.add((await command('curl', ['-s', '--noproxy', '*', url])).stdout);
      expect(pids.size).toBe(2);
      expect(pids).not.toContain(String(child.pid));
    } finally {
      child.kill('SIGTERM');
    }
    expect(await closed).toEqual([0, null]);
  });
});
