/** Turns one document into the content of a page. */

import MarkdownIt, { type Token } from 'markdown-it';
import { Anchors } from './anchors.js';
import { codeBlock } from './code.js';
import { escapeHtml } from './html.js';

/** A heading with the text below it, up to the next heading. */
export interface Section {
  readonly anchor: string;
  readonly title: string;
  /** 1 for the heading of the page. */
  readonly level: number;
  /** Without code blocks. */
  readonly text: string;
}

export interface Content {
  readonly html: string;
  /** The first one is the page's own. */
  readonly sections: readonly Section[];
}

export interface RenderOptions {
  /** Gives the link to write for the one in the document. */
  readonly link: (href: string) => string;
  /** Takes the place of the first heading. */
  readonly heading?: string | undefined;
}

// What looks like HTML in a document is text.
const markdown = new MarkdownIt({ html: false });

/** A first line that names the file of an example. */
const FILE_NAME = /^(?:\/\/|#) (\S+\.\w+)\n/;

markdown.renderer.rules.fence = (tokens, i) => {
  const { content, info } = tokens[i] as Token;
  const name = FILE_NAME.exec(content);
  return name === null ? codeBlock(content, info) : codeBlock(content.slice(name[0].length), info, name[1]);
};
markdown.renderer.rules.table_open = () => '<div class="table"><table>\n';
markdown.renderer.rules.table_close = () => '</table></div>\n';
markdown.renderer.rules.heading_close = (tokens, i) => {
  const { tag } = tokens[i] as Token;
  const anchor = tokens[i - 2]?.attrGet('id');
  const title = escapeHtml(textOf(tokens[i - 1] as Token));
  const link = `<a class="anchor" href="#${anchor}" aria-label="Link to “${title}”">#</a>`;
  return tag === 'h1' ? '</h1>\n' : `${link}</${tag}>\n`;
};

export function render(text: string, { link, heading }: RenderOptions): Content {
  const tokens = markdown.parse(text, {});
  const anchors = new Anchors();
  const sections: Section[] = [];
  const texts: string[] = [];
  const endSection = () => {
    const last = sections.pop();
    if (last !== undefined) sections.push({ ...last, text: texts.join(' ') });
    texts.length = 0;
  };
  tokens.forEach((token, i) => {
    alignByClass(token);
    if (token.type !== 'inline') return;
    const opening = tokens[i - 1] as Token;
    for (const child of token.children ?? []) {
      if (child.type === 'link_open') child.attrSet('href', link(String(child.attrGet('href'))));
    }
    if (opening.type !== 'heading_open') {
      texts.push(textOf(token));
      return;
    }
    endSection();
    const level = Number(opening.tag.slice(1));
    if (level === 1 && heading !== undefined) token.children = markdown.parseInline(heading, {})[0]?.children ?? [];
    const title = textOf(token);
    const anchor = anchors.next(title);
    opening.attrSet('id', anchor);
    sections.push({ anchor, title, level, text: '' });
  });
  endSection();
  return { html: markdown.renderer.render(tokens, markdown.options as Required<typeof markdown.options>), sections };
}

/** What a reader reads of an inline token. */
function textOf({ children }: Token): string {
  return (children ?? [])
    .map(({ type, content }) => (type === 'softbreak' || type === 'hardbreak' ? ' ' : content))
    .join('');
}

/** Says by a class how the cells of a column are aligned: the policy of the site forbids styles in elements. */
function alignByClass(token: Token): void {
  const alignment = /^text-align:(\w+)$/.exec(String(token.attrGet('style')))?.[1];
  if (alignment !== undefined) token.attrs = [['class', alignment]];
}
