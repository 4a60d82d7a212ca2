/** Serves the description of an application. */

import type { Handler } from '../http/handler.js';
import { evaluatePreconditions, preconditionFailed } from '../http/preconditions.js';
import type { PageFile } from '../openapi/page.js';
import type { Server } from '../server/server.js';
import { describeApi } from './api-document.js';
import type { AppOptions } from './bootstrap.js';
import { BootError, finding } from './checks/finding.js';
import { docsFacts } from './docs-options.js';
import type { RouteDescription } from './route-table.js';

/**
 * Registers the page and its document, in which the documentation itself does not stand.
 *
 * @throws BootError where the package of the page is not installed.
 */
export async function addDocs(server: Server, routes: readonly RouteDescription[], options: AppOptions): Promise<void> {
  const { path, page } = docsFacts(options.docs);
  const { documentFile, findPagePackage, pageFiles } = await import('../openapi/page.js');
  const found = page ? findPagePackage() : undefined;
  if (page && found === undefined) {
    const remedy = 'npm install swagger-ui-dist@5, or write docs: { page: false } for the document alone.';
    throw new BootError([finding('options', 'the package swagger-ui-dist for docs', 'none', remedy)]);
  }
  const { document, warnings } = await describeApi(routes, options);
  for (const { message, file } of warnings) server.opts.logger.warn({ file }, message);
  const files = [documentFile(path, document), ...(found === undefined ? [] : pageFiles(path, document, found))];
  for (const file of files) server.router.on('GET', file.path, serve(file), 'docs');
}

function serve({ type, etag, contentSecurityPolicy, read }: PageFile): Handler {
  return async (req, res) => {
    const outcome = evaluatePreconditions(req, { etag });
    if (outcome === 'failed') throw preconditionFailed();
    res.setHeader('ETag', etag).setHeader('Cache-Control', 'no-cache');
    if (contentSecurityPolicy !== undefined) res.setHeader('Content-Security-Policy', contentSecurityPolicy);
    if (outcome === 'not-modified') {
      res.setStatus(304).send();
      return;
    }
    res.setContentType(type).send(await read());
  };
}
