/** Puts content into a whole page: head, lists of pages, search. */

import { escapeHtml } from './html.js';
import type { Section } from './markdown.js';
import { GROUPS, HOME, type Page } from './pages.js';

export interface PageParts {
  readonly title: string;
  readonly description: string;
  /** The content. */
  readonly html: string;
  /** What its list of contents names. */
  readonly sections: readonly Section[];
  /** Undefined for what no list names. */
  readonly page?: Page;
  /** What comes before the name of each file of the site. Default: nothing, as all are in one folder. */
  readonly base?: string;
}

const READ: readonly Page[] = GROUPS.flatMap(({ pages }) => pages);

export function layout({ title, description, html, sections, page, base = '' }: PageParts): string {
  const isHome = page === HOME;
  const documentTitle = isHome ? 'Luminaire: controllers for TypeScript' : `${title} | Luminaire`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(documentTitle)}</title>
<meta name="description" content="${escapeHtml(description)}">
<link rel="icon" href="${base}icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${base}site.css">
<script src="${base}theme.js"></script>
<script type="module" src="${base}site.js"></script>
</head>
<body${isHome ? ' class="home"' : ''}>
<a class="skip" href="#site-main">Skip to the content</a>
<header>
<button type="button" class="menu" popovertarget="site-guides">Guides</button>
<a class="name" href="${base}./"><img src="${base}icon.svg" alt="" width="24" height="24">Luminaire</a>
<button type="button" id="site-open-search" aria-haspopup="dialog" hidden>Search <kbd>/</kbd></button>
<button type="button" id="site-dark" aria-pressed="false" hidden>Dark</button>
</header>
<div class="columns">
<nav id="site-guides" popover aria-label="Guides">
${GROUPS.map(({ title: group, pages }, i) => listOf(`site-group-${i}`, group, pages, page, base)).join('\n')}
</nav>
<main id="site-main" tabindex="-1">
<article>
${html}</article>
${page === undefined || isHome ? '' : neighbours(page, base)}
</main>
${isHome ? '' : contents(sections)}
</div>
<dialog id="site-search" aria-label="Search">
<form method="dialog">
<input id="site-query" type="text" role="combobox" aria-label="Search the guides" aria-controls="site-found" aria-expanded="false" aria-autocomplete="list" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go">
<button>Close</button>
</form>
<p id="site-count" role="status"></p>
<div id="site-found" role="listbox" aria-label="Sections"></div>
</dialog>
</body>
</html>
`;
}

function listOf(id: string, title: string, pages: readonly Page[], current: Page | undefined, base: string): string {
  const items = pages.map((page) => {
    const mark = page === current ? ' aria-current="page"' : '';
    return `<li><a href="${base}${page.name}.html"${mark}>${escapeHtml(page.label)}</a></li>`;
  });
  return `<p id="${id}">${escapeHtml(title)}</p>\n<ul aria-labelledby="${id}">${items.join('')}</ul>`;
}

/** What to read before and after. */
function neighbours(page: Page, base: string): string {
  const i = READ.indexOf(page);
  const link = (rel: string, word: string, { name, label }: Page) =>
    `<a rel="${rel}" href="${base}${name}.html"><span>${word}</span> ${escapeHtml(label)}</a>`;
  const [before, after] = [READ[i - 1], READ[i + 1]];
  const links = [
    before === undefined ? '' : link('prev', 'Before', before),
    after === undefined ? '' : link('next', 'Next', after),
  ];
  return `<nav class="neighbours" aria-label="Before and after">${links.join('')}</nav>`;
}

function contents(sections: readonly Section[]): string {
  const items = sections
    .filter(({ level }) => level === 2 || level === 3)
    .map(({ anchor, title, level }) => `<li class="level-${level}"><a href="#${anchor}">${escapeHtml(title)}</a></li>`);
  if (items.length < 2) return '';
  return `<nav class="contents" aria-labelledby="site-contents"><p id="site-contents">On this page</p><ul>${items.join('')}</ul></nav>`;
}
