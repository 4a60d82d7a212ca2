/** Turns the links of the documents into links of the site, and keeps what they want to be there. */

import { posix } from 'node:path';
import { PAGES, type Page } from './pages.js';

/** One link of a document to a page of the site. */
interface Wanted {
  readonly from: string;
  readonly href: string;
  readonly page: Page;
  readonly anchor: string;
}

export class Links {
  readonly #wanted: Wanted[] = [];
  /** The files of the repository that documents link to and no page is made of: by path, with the document that does. */
  readonly files = new Map<string, string>();

  /** The link to write in the page of `from`, a path in the repository, for the one that stands in it. */
  of(from: string, href: string): string {
    if (/^[a-z][a-z\d+.-]*:/i.test(href)) return href;
    const [path = '', anchor = ''] = href.split('#');
    const target = path === '' ? from : posix.join(posix.dirname(from), decodeURI(path)).replace(/\/$/, '');
    const page = PAGES.find(({ source }) => source === target);
    if (page === undefined) {
      this.files.set(target, from);
      return nameOfFile(target);
    }
    this.#wanted.push({ from, href, page, anchor });
    const hash = anchor === '' ? '' : `#${anchor}`;
    return path === '' ? hash : `${page.name}.html${hash}`;
  }

  /** What leads to no heading, a line for each, by the anchors that each page has. */
  dead(anchors: ReadonlyMap<Page, ReadonlySet<string>>): string[] {
    return this.#wanted
      .filter(({ page, anchor }) => anchor !== '' && anchors.get(page)?.has(anchor) !== true)
      .map(({ from, href }) => `${from}: no heading is behind the link ${href}`);
  }
}

/** The page that shows a file of the repository: all pages are in one folder. */
export function nameOfFile(path: string): string {
  return `${path.replaceAll('/', '-')}.html`;
}
