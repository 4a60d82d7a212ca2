/** Checks what the `docs` option says. */

import type { DocOptions } from '../decorators/doc.js';
import { type Finding, finding } from './checks/finding.js';
import type { PlannedRoute } from './route-plan.js';

/** How an application describes itself. */
export interface DocsOptions {
  /** Where the page is; its document is at `openapi.json` below. Default `/docs`. */
  readonly path?: string;
  /** Whether there is a page, which needs the package swagger-ui-dist. Default true; without it, only the document. */
  readonly page?: boolean;
  /** The name of the API. Default `API`. */
  readonly title?: string;
  /** The version of the API, which is not that of OpenAPI. Default `0.0.0`. */
  readonly version?: string;
  /** CommonMark. */
  readonly description?: string;
  /** URLs below which the paths are, relative ones too. Default: the server that the document is from. */
  readonly servers?: readonly string[];
  /** Answers that every operation may give, those of application middleware for instance, by status. */
  readonly responses?: DocOptions['responses'];
}

/** What is said of the whole document. */
export type DocsFacts = Required<Pick<DocsOptions, 'path' | 'page' | 'title' | 'version'>> & DocsOptions;

const PATH = /^(?:\/[\w.~-]+)+$/;
const KNOWN: Readonly<Record<keyof DocsOptions, (value: unknown) => boolean>> = {
  path: (value) => isText(value) && PATH.test(value),
  page: (value) => typeof value === 'boolean',
  title: isText,
  version: isText,
  description: isText,
  servers: (value) => Array.isArray(value) && value.every(isText),
  responses: (value) => typeof value === 'object' && value !== null,
};

/** Fills in the defaults. */
export function docsFacts(docs: string | DocsOptions | undefined): DocsFacts {
  const stated = typeof docs === 'string' ? { path: docs } : docs;
  return { path: '/docs', page: true, title: 'API', version: '0.0.0', ...stated };
}

/** Lists what is wrong with the option, and who has its paths already. */
export function checkDocs(docs: unknown, routes: readonly PlannedRoute[]): Finding[] {
  const stated: unknown = typeof docs === 'string' ? { path: docs } : docs;
  if (typeof stated !== 'object' || stated === null) {
    return [finding('options', 'docs to be a path or an object', String(docs), "Write docs: '/docs'.")];
  }
  const wrong = Object.entries(stated).filter(
    ([name, value]) => value !== undefined && !(Object.hasOwn(KNOWN, name) && KNOWN[name as 'path'](value)),
  );
  if (wrong.length > 0) return wrong.map(([name, value]) => refuse(name, value));
  const { path } = docsFacts(stated as DocsOptions);
  const taken = routes.filter(({ route, pattern }) => {
    return route.method === 'GET' && (pattern === path || pattern.startsWith(`${path}/`)) && !pattern.includes(':');
  });
  return taken.map(({ pattern, place }) =>
    finding(
      'options',
      `docs at a path of its own`,
      `${pattern}, the route of ${place.name}`,
      'Change one of the paths.',
    ),
  );
}

function refuse(name: string, value: unknown): Finding {
  const names = Object.keys(KNOWN).join(', ');
  if (!Object.hasOwn(KNOWN, name)) {
    return finding('options', `docs with ${names}`, name, 'Remove it, or correct its name.');
  }
  const remedy =
    name === 'path' ? 'It is made of literals: "/docs", "/internal/api".' : 'See "docs" in docs/openapi.md.';
  return finding('options', `docs.${name} as it is documented`, JSON.stringify(value), remedy);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
