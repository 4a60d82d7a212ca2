/** Cuts the examples out of one guide, each a file named by its first line, for the compiler to check and tests to run. */

import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const DOCS = new URL('docs/', ROOT);

interface Example {
  readonly name: string;
  readonly code: string;
}

/** The examples of a guide, in a folder of their own while its spec runs. */
export class Guide {
  readonly text: string;
  readonly examples: readonly Example[];
  readonly folder: URL;

  private constructor(name: string, text: string) {
    this.text = text;
    this.examples = examplesOf(text);
    this.folder = new URL(`test/docs/examples/${name.replace(/\.md$/, '')}/`, ROOT);
  }

  static async read(name: string): Promise<Guide> {
    return new Guide(name, await readFile(new URL(name, DOCS), 'utf8'));
  }

  async write(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    for (const { name, code } of this.examples) {
      // A module of statements alone is none for the compiler.
      await writeFile(new URL(name, this.folder), name.endsWith('.test.ts') ? `${code}\nexport {};\n` : code);
    }
    const config = {
      extends: '../../../../tsconfig.json',
      compilerOptions: { noUnusedLocals: false },
      include: ['.'],
      exclude: [],
    };
    await writeFile(new URL('tsconfig.json', this.folder), JSON.stringify(config));
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** What the compiler says of the examples: nothing, where they are good. */
  async compile(): Promise<string> {
    const tsc = fileURLToPath(new URL('node_modules/.bin/tsc', ROOT));
    const { stdout } = await promisify(execFile)(tsc, ['-p', fileURLToPath(this.folder)]).catch((error) => error);
    return stdout;
  }

  /** Runs the example, which is a module: its tests are its statements. */
  async load<Module>(name: string): Promise<Module> {
    return (await import(/* @vite-ignore */ new URL(name, this.folder).pathname)) as Module;
  }
}

function examplesOf(text: string): Example[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => {
    const name = /^\/\/ (\S+\.ts)\n/.exec(code)?.[1];
    if (name === undefined) throw new Error(`An example without the name of its file:\n${code}`);
    return { name, code };
  });
}

/** Claims what holds for every guide, and gives this one for what is particular to it. */
export async function testGuide(name: string): Promise<Guide> {
  const guide = await Guide.read(name);
  beforeAll(() => guide.write());
  afterAll(() => guide.remove());

  describe(name, () => {
    it('names each of its files once', () => {
      const names = guide.examples.map((example) => example.name);
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
    });

    it('compiles', async () => {
      expect(await guide.compile()).toBe('');
    }, 60_000);

    const tests = guide.examples.filter((example) => example.name.endsWith('.test.ts'));
    if (tests.length > 0) {
      it.each(tests)('runs the test $name', async (test) => {
        await guide.load(test.name);
      });
    }

    it('has no example that nobody runs', async () => {
      const spec = await readFile(new URL(name.replace(/\.md$/, '.spec.ts'), import.meta.url), 'utf8');
      const code = guide.examples.map((example) => example.code).join('');
      const isRun = (example: string) =>
        spec.includes(`'${example}'`) || code.includes(`'./${example.slice(0, -3)}.js'`);
      const others = guide.examples.map((example) => example.name).filter((example) => !example.endsWith('.test.ts'));
      expect(others.filter((example) => !isRun(example))).toEqual([]);
    });

    it('links to what is there', async () => {
      const anchors = await anchorsByGuide();
      for (const [, file = '', anchor] of guide.text.matchAll(/\]\(([\w-]+\.md)?(?:#([^)]+))?\)/g)) {
        const target = file === '' ? name : file;
        expect(anchors.has(target), target).toBe(true);
        if (anchor !== undefined) expect(anchors.get(target)).toContain(anchor);
      }
    });
  });
  return guide;
}

/** What can be linked to in each guide: its headings as the forges write them. */
async function anchorsByGuide(): Promise<Map<string, string[]>> {
  const anchors = new Map<string, string[]>();
  const guides = (await readdir(DOCS)).filter((name) => name.endsWith('.md'));
  for (const name of guides) {
    const text = (await readFile(new URL(name, DOCS), 'utf8')).replaceAll(/^```.*?^```$/gms, '');
    anchors.set(
      name,
      [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => anchorOf(title)),
    );
  }
  return anchors;
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
