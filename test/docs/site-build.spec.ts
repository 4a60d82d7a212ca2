import { existsSync, mkdtempSync } from 'node:fs';
import { appendFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildSite } from '../../docs/site/build.js';
import { languageOf } from '../../docs/site/code.js';
import { Links } from '../../docs/site/links.js';
import { render } from '../../docs/site/markdown.js';

const content = (text: string, heading?: string) => render(text, { link: (href) => `<${href}>`, heading });

describe('a document', () => {
  it.each([
    ['names headings as forges do', '## Limits: `timeout`, `bodyLimit`', ' id="limits-timeout-bodylimit"'],
    ['keeps letters of all languages in the names', '## Größe', ' id="größe"'],
    ['counts headings of the same text', '## A\n## A\n## A', ' id="a-2"'],
    ['shows HTML as text', 'a <img src=x> b', 'a &lt;img src=x&gt; b'],
    ['turns links into those of the site', '[a](b.md#c)', 'href="&lt;b.md#c&gt;"'],
    ['names the file of an example above it', '```ts\n// a.test.ts\nlet b;\n```', '<figcaption>a.test.ts</figcaption>'],
    ['colours code by class', '```ts\nlet b = 1;\n```', '<span class="hljs-keyword">let</span> b = <span'],
    ['leaves code of no language as it is', '```\nlet <b>\n```', '<code>let &lt;b&gt;\n</code>'],
    ['aligns columns by class', '| a |\n| ---: |\n| 1 |', '<td class="right">1</td>'],
  ])('%s', (_title, text, part) => {
    expect(content(text).html).toContain(part);
  });

  it('does not repeat the name of the file in the code', () => {
    expect(content('```ts\n// a.ts\nlet b;\n```').html).not.toContain('// a.ts');
  });

  it('has a section for each heading, with the text below it that is no code', () => {
    const text = '# A\n\nb `c`\nd\n\n```ts\nlet e;\n```\n\n## F [g](h)\n\n| i |\n| - |\n| j |\n';
    expect(content(text).sections).toEqual([
      { anchor: 'a', title: 'A', level: 1, text: 'b c d' },
      { anchor: 'f-g', title: 'F g', level: 2, text: 'i j' },
    ]);
  });

  it('takes another first heading, whose name follows', () => {
    const { html, sections } = content('# A\n\n## B', 'C & D');
    expect(html).toContain('<h1 id="c--d">C &amp; D</h1>');
    expect(sections.map(({ title }) => title)).toEqual(['C & D', 'B']);
  });
});

describe('a link', () => {
  it.each([
    ['README.md', 'docs/http.md', 'http.html'],
    ['docs/http.md', '../README.md#limits', 'getting-started.html#limits'],
    ['docs/http.md', '#replies', '#replies'],
    ['samples/webdav/README.md', '../../docs/sockets.md', 'sockets.html'],
    ['README.md', 'samples/todos/README.md', 'sample-todos.html'],
    ['samples/live/README.md', 'board.ts', 'samples-live-board.ts.html'],
    ['samples/live/README.md', 'public/', 'samples-live-public.html'],
    ['docs/http.md', 'https://example.org/a.md', 'https://example.org/a.md'],
  ])('in %s to %s leads to %s', (from, href, to) => {
    expect(new Links().of(from, href)).toBe(to);
  });
});

it.each([
  ['docs/deployment/nginx.conf', 'nginx'],
  ['docs/deployment/app.service', 'ini'],
  ['samples/a.ts', 'ts'],
  ['deploy/Containerfile', 'dockerfile'],
])('colours %s as %s', (path, language) => {
  expect(languageOf(path)).toBe(language);
});

describe('the build', () => {
  it('lists every link that leads nowhere, and every guide that no list has', async () => {
    const root = mkdtempSync(join(tmpdir(), 'site-build-'));
    onTestFinished(() => rm(root, { recursive: true }));
    for (const name of ['docs', 'samples', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md']) {
      if (existsSync(name)) await cp(name, join(root, name), { recursive: true });
    }
    await appendFile(
      join(root, 'docs/http.md'),
      '\n[a](files.md#nowhere) [b](gone.md) [c](#gone) [d](../samples/gone.ts) [e](lost/more.md)\n',
    );
    await writeFile(join(root, 'docs/lost.md'), '# Lost\n');
    await mkdir(join(root, 'docs/lost'));
    await writeFile(join(root, 'docs/lost/more.md'), '# More\n');
    await expect(buildSite(root, join(root, 'site'))).rejects.toThrow(
      [
        'The site cannot be built:',
        'docs/http.md: nothing is at docs/gone.md',
        'docs/http.md: nothing is at samples/gone.ts',
        'docs/http.md: docs/site/pages.ts does not list docs/lost/more.md',
        'docs/http.md: no heading is behind the link files.md#nowhere',
        'docs/http.md: no heading is behind the link #gone',
        'docs/lost.md: docs/site/pages.ts does not list it',
      ].join('\n'),
    );
    expect(existsSync(join(root, 'site'))).toBe(false);
  });
});
