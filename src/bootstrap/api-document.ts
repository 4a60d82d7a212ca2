/** Describes an application by an OpenAPI document. */

import type { Warning } from '../openapi/json-schemas.js';
import type { OpenApiDocument } from '../openapi/open-api-document.js';
import type { AppOptions } from './bootstrap.js';
import { BootError, type Finding, finding } from './checks/finding.js';
import { docsFacts } from './docs-options.js';
import { type AppLike, inspectApp } from './inspect-app.js';
import { describeRoute, type RouteDescription } from './route-table.js';

/** A document, and what could be better about it. */
export interface ApiDescription {
  readonly document: OpenApiDocument;
  readonly warnings: readonly Finding[];
}

/**
 * Gives the OpenAPI 3.1 document of an application, be it described, built or only its options. Opens no port, makes
 * nothing.
 *
 * @throws BootError where the application could not start.
 */
export async function openApiDocument(app: AppLike): Promise<OpenApiDocument> {
  return (await describeApp(app)).document;
}

/** As {@link openApiDocument}, with its warnings. */
export async function describeApp(app: AppLike): Promise<ApiDescription> {
  const { errors, routes, options } = inspectApp(app);
  if (errors.length > 0) throw new BootError(errors);
  return describeApi(routes.map(describeRoute), options);
}

/** Describes routes. Loads what it needs for that, which no other application loads. */
export async function describeApi(
  routes: readonly RouteDescription[],
  { docs, use = [], timeout }: Pick<AppOptions, 'docs' | 'use' | 'timeout'>,
): Promise<ApiDescription> {
  const { title, version, description, servers, responses } = docsFacts(docs);
  const { buildDocument } = await import('../openapi/document.js');
  const { loadConverters } = await import('../openapi/converters.js');
  const converters = await loadConverters(routes);
  const about = { title, version, description, servers, responses, use, timeout, converters };
  const { document, warnings } = buildDocument(routes, about);
  return { document, warnings: warnings.map(findingOf) };
}

function findingOf({ holder, place, expected, found, remedy }: Warning): Finding {
  return finding({ holder, name: place }, expected, found, remedy);
}
