import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, ROOT), 'utf8');
const contributing = text('CONTRIBUTING.md');

describe('CONTRIBUTING.md', () => {
  it('names each folder of src', () => {
    const folders = readdirSync(new URL('src', ROOT), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const [, table = ''] = contributing.split('| folder of `src` |');
    expect([...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name).toSorted()).toEqual(folders);
  });

  it.each(['CONTRIBUTING.md', 'README.md', 'SECURITY.md'])('%s tells commands and files that are there', (name) => {
    const { scripts } = JSON.parse(text('package.json'));
    const told = text(name);
    // Those of a new project are followed elsewhere.
    const [, ofProject = ''] = /## Start a project(.*?)\n## Guides/s.exec(told) ?? [];
    const here = told.replace(ofProject, '');
    for (const [, script = ''] of here.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([script]);
    for (const [, path = ''] of here.matchAll(/`((?:src|test|docs|samples|\.ci)\/[^` A-Z]+)`/g)) {
      expect(existsSync(new URL(path, ROOT)), path).toBe(true);
    }
    for (const [, path = ''] of told.matchAll(/\]\((?!http)([^)#]+)/g)) {
      expect(existsSync(new URL(path, ROOT)), path).toBe(true);
    }
  });
});
