/** Lists the files of the page that shows a document. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { OpenApiDocument } from './open-api-document.js';

/** One file that is served to a browser. */
export interface PageFile {
  readonly path: string;
  /** Its Content-Type. */
  readonly type: string;
  /** An entity tag, quotes included. */
  readonly etag: string;
  /** What it may do, where it is a page. */
  readonly contentSecurityPolicy?: string;
  readonly read: () => string | Promise<Uint8Array>;
}

/** Where swagger-ui-dist is, and which. */
export interface PagePackage {
  readonly folder: string;
  readonly version: string;
}

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
/** Of the package: what the page needs, of its 11 MB. */
const ASSETS: readonly (readonly [file: string, type: string])[] = [
  ['swagger-ui.css', STYLE],
  ['index.css', STYLE],
  ['swagger-ui-bundle.js', SCRIPT],
  ['favicon-32x32.png', 'image/png'],
];

/** Starts the page. Nobody else is asked about the document, and no address of another document is taken from the URL. */
const START = `SwaggerUIBundle({
  url: new URL('openapi.json', document.currentScript.src).href,
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayOperationId: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/** Finds the package of the page, an optional peer; `undefined` where it is not installed. Loads nothing of it. */
export function findPagePackage(): PagePackage | undefined {
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve('swagger-ui-dist/package.json');
    return { folder: dirname(manifest), version: (require(manifest) as { version: string }).version };
  } catch {
    return undefined;
  }
}

/** Lists the files of the page at `path`. Each is read from the disk when it is asked for. */
export function pageFiles(path: string, { info, servers = [] }: OpenApiDocument, found: PagePackage): PageFile[] {
  const { folder, version } = found;
  const html = writePage(path.slice(path.lastIndexOf('/') + 1), info.title);
  // Calls that are tried go to the servers that the document names, and nowhere else.
  const origins = new Set(servers.flatMap(({ url }) => (URL.canParse(url) ? [new URL(url).origin] : [])));
  const contentSecurityPolicy = [
    "default-src 'none'",
    `connect-src ${["'self'", ...origins].join(' ')}`,
    "img-src 'self' data:",
    "script-src 'self'",
    "style-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return [
    { path, type: 'text/html; charset=utf-8', etag: `"${hashOf(html)}"`, contentSecurityPolicy, read: () => html },
    { path: `${path}/start.js`, type: SCRIPT, etag: `"${hashOf(START)}"`, read: () => START },
    ...ASSETS.map(([file, type]) => ({
      path: `${path}/${file}`,
      type,
      etag: `"${version}"`,
      read: () => readFile(join(folder, file)),
    })),
  ];
}

/** Gives the document as a file below the page. */
export function documentFile(path: string, document: OpenApiDocument): PageFile {
  const text = JSON.stringify(document);
  return { path: `${path}/openapi.json`, type: 'application/json', etag: `"${hashOf(text)}"`, read: () => text };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** Relative addresses, so that a proxy may put the application below a path. */
function writePage(folder: string, title: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title.replace(/[&<]/g, (found) => (found === '&' ? '&amp;' : '&lt;'))}</title>
<link rel="icon" href="${folder}/favicon-32x32.png">
<link rel="stylesheet" href="${folder}/swagger-ui.css">
<link rel="stylesheet" href="${folder}/index.css">
<script src="${folder}/swagger-ui-bundle.js" defer></script>
<script src="${folder}/start.js" defer></script>
<div id="swagger-ui"></div>
</html>
`;
}
