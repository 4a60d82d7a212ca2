/** Colours code: each word in an element whose class says what it is. */

import { createRequire } from 'node:module';
import { escapeHtml } from './html.js';

/** What is used of highlight.js. Its own types bring those of browsers into every file of the repository. */
interface Highlighter {
  highlight(code: string, options: { language: string }): { readonly value: string };
  getLanguage(name: string): object | undefined;
  registerLanguage(name: string, language: unknown): void;
}

const require = createRequire(import.meta.url);
const highlighter = require('highlight.js/lib/common') as Highlighter;
for (const name of ['dockerfile', 'dos', 'nginx']) {
  highlighter.registerLanguage(name, require(`highlight.js/lib/languages/${name}`));
}

/** Names of files whose ending does not name their language. */
const BY_ENDING: Readonly<Record<string, string>> = {
  conf: 'nginx',
  service: 'ini',
  socket: 'ini',
  Containerfile: 'dockerfile',
  Dockerfile: 'dockerfile',
};

/** @param language as a fence names it; code in one that is unknown stays plain. */
export function colour(code: string, language: string): string {
  if (highlighter.getLanguage(language) === undefined) return escapeHtml(code);
  return highlighter.highlight(code, { language }).value;
}

/** What the file at `path` is written in, as a fence would name it. */
export function languageOf(path: string): string {
  const ending = /[^./]+$/.exec(path)?.[0] ?? '';
  return BY_ENDING[ending] ?? ending;
}

/** One piece of code, with the name of its file above it where it has one. */
export function codeBlock(code: string, language: string, fileName?: string): string {
  const caption = fileName === undefined ? '' : `<figcaption>${escapeHtml(fileName)}</figcaption>`;
  return `<figure class="code">${caption}<pre><code>${colour(code, language)}</code></pre></figure>\n`;
}
