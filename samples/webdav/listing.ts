/** Shows a collection to a browser. */

import { Reply } from 'luminaire';
import type { ResourcePath } from './path.js';
import type { Resource } from './store.js';
import { escapeAttribute, escapeText } from './xml-text.js';

/** Written member by member. Nothing in it runs: names came from anybody who may write. */
export function listingPage(path: ResourcePath, members: AsyncIterable<Resource>): Reply {
  return new Reply(200, write(path, members), {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  });
}

async function* write(path: ResourcePath, members: AsyncIterable<Resource>): AsyncGenerator<string> {
  const title = escapeText(`/${path.key}`);
  yield `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 1rem/1.6 system-ui, sans-serif; margin: 2rem auto; max-width: 50rem; padding: 0 1rem; }
  h1 { font-size: 1.2rem; overflow-wrap: anywhere; }
  table { border-collapse: collapse; width: 100%; }
  td { border-top: 1px solid #8884; padding: 0.2rem 0.5rem; }
  td:first-child { overflow-wrap: anywhere; }
  td + td { color: GrayText; font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
</style>
<h1>${title}</h1>
<table>
`;
  if (!path.isRoot) yield rowOf('..', path.parent.href(true), '', '');
  for await (const { path: member, isCollection, size, modified } of members) {
    const name = isCollection ? `${member.name}/` : member.name;
    yield rowOf(name, member.href(isCollection), isCollection ? '' : `${size}`, modified.toISOString().slice(0, 19));
  }
  yield `</table>
<p><a href="/">What is going on</a></p>
</html>
`;
}

function rowOf(name: string, href: string, size: string, modified: string): string {
  return `<tr><td><a href="${escapeAttribute(href)}">${escapeText(name)}</a><td>${size}<td>${modified}\n`;
}
