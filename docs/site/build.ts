/** Builds the site of the guides: static pages, with the sections that the search looks through. */

import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeBlock, languageOf } from './code.js';
import { escapeHtml } from './html.js';
import { layout } from './layout.js';
import { Links, nameOfFile } from './links.js';
import { type Content, render } from './markdown.js';
import { HOME, PAGES, type Page } from './pages.js';

/**
 * Builds from the repository at `root` into the folder `to`, which is made anew.
 *
 * @returns the names of the pages.
 * @throws Error that lists every link of a document that leads nowhere, and every guide that is on no page.
 */
export async function buildSite(root: string, to: string): Promise<string[]> {
  const links = new Links();
  const contents = new Map<Page, Content>();
  for (const page of PAGES) {
    const text = await readFile(join(root, page.source), 'utf8');
    contents.set(page, render(text, { link: (href) => links.of(page.source, href), heading: page.heading }));
  }
  const files = new Map<string, string>();
  const dead: string[] = [];
  // Pages of folders link to more files, which the loop then comes to as well.
  for (const [path, from] of links.files) {
    const page = await pageOfFile(root, path, links).catch(() => undefined);
    if (page === undefined) dead.push(`${from}: nothing is at ${path}`);
    else if (path.endsWith('.md')) dead.push(`${from}: docs/site/pages.ts does not list ${path}`);
    else files.set(nameOfFile(path), page);
  }
  const anchors = new Map([...contents].map(([page, { sections }]) => [page, new Set(sections.map((s) => s.anchor))]));
  const mistakes = [...dead, ...links.dead(anchors), ...(await unlisted(root))];
  if (mistakes.length > 0) throw new Error(`The site cannot be built:\n${mistakes.join('\n')}`);

  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  await cp(join(root, 'docs/site/public'), to, { recursive: true });
  await cp(join(root, 'node_modules/minisearch/dist/es/index.js'), join(to, 'minisearch.js'));
  await writeFile(join(to, 'sections.json'), JSON.stringify(searched(contents)));
  const pages = new Map([...[...contents].map(pageOf), ...files, ['404.html', missingPage()] as const]);
  for (const [name, html] of pages) await writeFile(join(to, name), html);
  return [...pages.keys()];
}

function pageOf([page, { html, sections }]: [Page, Content]): [name: string, html: string] {
  const [{ title = page.label, text = '' } = {}] = sections;
  return [`${page.name}.html`, layout({ title, description: firstWords(text), html, sections, page })];
}

/** As much as a list of results shows. */
function firstWords(text: string): string {
  return text.length <= 160 ? text : text.slice(0, text.lastIndexOf(' ', 157)).concat(' …');
}

/** A page with the file of the repository at `path`, or with links to what a folder has. @throws where nothing is. */
async function pageOfFile(root: string, path: string, links: Links): Promise<string> {
  const parts = { title: path, description: `${path} in the repository of Luminaire`, sections: [] };
  const heading = `<h1>${escapeHtml(path)}</h1>\n`;
  if ((await stat(join(root, path))).isDirectory()) {
    const names = (await readdir(join(root, path))).sort();
    const items = names.map((name) => `<li><a href="${links.of(`${path}/.`, name)}">${escapeHtml(name)}</a></li>`);
    return layout({ ...parts, html: `${heading}<ul>${items.join('\n')}</ul>\n` });
  }
  const text = await readFile(join(root, path), 'utf8');
  return layout({ ...parts, html: heading + codeBlock(text, languageOf(path)) });
}

/** What a server sends with 404, from whatever path. */
function missingPage(): string {
  const html = '<h1>No such page</h1>\n<p>The list of guides has all of them, and so does the search.</p>\n';
  return layout({ title: 'No such page', description: 'Nothing is at this address.', html, sections: [], base: '/' });
}

/** A line for each guide that nobody would find. */
async function unlisted(root: string): Promise<string[]> {
  const sources = new Set(PAGES.map(({ source }) => source));
  const guides = (await readdir(join(root, 'docs')))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  return guides.filter((guide) => !sources.has(guide)).map((guide) => `${guide}: docs/site/pages.ts does not list it`);
}

/** What the search looks through, and shows: a row for each section. */
function searched(contents: ReadonlyMap<Page, Content>): object[] {
  return [...contents]
    .filter(([page]) => page !== HOME)
    .flatMap(([page, { sections }]) =>
      sections.map(({ anchor, title, level, text }) => ({
        id: level === 1 ? `${page.name}.html` : `${page.name}.html#${anchor}`,
        page: page.label,
        title,
        text,
      })),
    );
}
