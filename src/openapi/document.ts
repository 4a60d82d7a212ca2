/** Builds the OpenAPI document of an application from its routes. */

import type { RouteDescription } from '../bootstrap/route-table.js';
import type { DocOptions } from '../decorators/doc.js';
import { docRecords, type SecurityRecord } from '../decorators/metadata.js';
import type { SecurityScheme } from '../decorators/security.js';
import { Components, componentName, uniqueName } from './components.js';
import { type Converter, JsonSchemas, type Warning } from './json-schemas.js';
import { type OpenApiDocument, type OperationObject, OTHER_METHODS, OTHER_OPERATIONS } from './open-api-document.js';
import { describeOperation, type OperationContext, tagsOf } from './operation.js';
import { PathTemplates } from './path-templates.js';
import { Problems } from './problems.js';

/** What a document says of the whole. */
export interface DocumentOptions {
  readonly title: string;
  readonly version: string;
  readonly description?: string | undefined;
  /** URLs, relative ones too. */
  readonly servers?: readonly string[] | undefined;
  /** Answers that every operation may give, by status. */
  readonly responses?: DocOptions['responses'];
  /** Middleware of the whole application. */
  readonly use: readonly unknown[];
  /** Milliseconds for a route that names none. */
  readonly timeout: number | undefined;
  /** By vendor. */
  readonly converters: ReadonlyMap<string, Converter>;
}

export interface BuiltDocument {
  readonly document: OpenApiDocument;
  readonly warnings: readonly Warning[];
}

/** The methods that a Path Item has a place for (OpenAPI 3.1.1 §4.8.9.1). */
const METHODS: ReadonlySet<string> = new Set(['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']);

/** Builds the document of `routes`, in their order. Nothing that is in the table is left out of it. */
export function buildDocument(routes: readonly RouteDescription[], options: DocumentOptions): BuiltDocument {
  const components = new Components();
  const schemas = new JsonSchemas(components, options.converters);
  const problems = new Problems(components);
  const schemes = new SecuritySchemes(schemas.warnings);
  const ids = new Set<string>();
  const context: OperationContext = {
    ...options,
    responses: options.responses,
    schemas,
    problems,
    nameOperation: (wanted) => uniqueName(ids, componentName(wanted) ?? 'operation'),
    onSecurity: (record, route) => schemes.add(record, route),
  };
  const [paths, others] = placeOperations(routes, context);
  const { title, version, description, servers } = options;
  const written = components.resolve({
    openapi: '3.1.1' as const,
    info: { title, version, ...(description === undefined ? {} : { description }) },
    ...(servers === undefined ? {} : { servers: servers.map((url) => ({ url })) }),
    tags: describeTags(routes),
    paths,
    ...(Object.keys(others).length === 0 ? {} : { [OTHER_OPERATIONS]: others }),
  });
  return {
    document: {
      ...written,
      components: { schemas: components.schemas(), responses: problems.responses(), ...schemes.component() },
    },
    warnings: schemas.warnings,
  };
}

type PathItem = Record<string, OperationObject | Record<string, OperationObject>>;
type Placed = readonly [paths: Record<string, PathItem>, others: Record<string, OperationObject>];

function placeOperations(routes: readonly RouteDescription[], context: OperationContext): Placed {
  const templates = new PathTemplates();
  const paths: Record<string, PathItem> = {};
  const others: Record<string, OperationObject> = {};
  const entries = routes.map((route) => {
    const own = templates.of(route);
    for (const { template } of own) paths[template] ??= {};
    return { route, own };
  });
  for (const { route, own } of entries.toSorted((a, b) => rankOf(a.route) - rankOf(b.route))) {
    if (own.length === 0) others[`${route.method} *`] = describeOperation(route, undefined, context);
    for (const path of own) {
      const operation = describeOperation(route, path, context);
      if (!place(paths[path.template] as PathItem, route.method, operation)) {
        others[`${route.sends === 'messages' ? 'WebSocket' : route.method} ${path.template}`] = operation;
      }
    }
  }
  return [paths, others];
}

/** Of two that would stand at one place, the one that most requests meet has it. */
function rankOf({ sends, path }: RouteDescription): number {
  if (sends === 'messages') return 2;
  return path.segments.some(({ kind }) => kind === 'rest') ? 1 : 0;
}

/** Puts an operation where its method belongs, unless another is there. */
function place(item: PathItem, method: string, operation: OperationObject): boolean {
  if (METHODS.has(method)) {
    const key = method.toLowerCase();
    if (item[key] !== undefined) return false;
    item[key] = operation;
    return true;
  }
  const others = (item[OTHER_METHODS] ?? {}) as Record<string, OperationObject>;
  if (others[method] !== undefined) return false;
  item[OTHER_METHODS] = { ...others, [method]: operation };
  return true;
}

/** Describes the tags in the order in which controllers have them: the first of a controller by its `@Doc`. */
function describeTags(routes: readonly RouteDescription[]): OpenApiDocument['tags'] {
  const tags = new Map<string, string | undefined>();
  for (const route of routes) {
    const { description } = docRecords(route.controller)[0]?.options ?? {};
    const own = docRecords(route.controller, route.handlerKey)[0]?.options.tags;
    tagsOf(route).forEach((tag, i) => {
      tags.set(tag, tags.get(tag) ?? (i === 0 ? description : undefined));
    });
    for (const tag of own ?? []) if (!tags.has(tag)) tags.set(tag, undefined);
  }
  return [...tags].map(([name, description]) => ({ name, ...(description === undefined ? {} : { description }) }));
}

/** The security schemes of one document, by name. */
class SecuritySchemes {
  readonly #schemes = new Map<string, SecurityScheme>();
  readonly #warnings: Warning[];

  constructor(warnings: Warning[]) {
    this.#warnings = warnings;
  }

  /** Takes in what an operation asks for. The first word on a name stands. */
  add({ name, scheme, decorator }: SecurityRecord, { controller, place }: RouteDescription): void {
    const known = this.#schemes.get(name);
    if (known === undefined) this.#schemes.set(name, scheme);
    else if (JSON.stringify(known) !== JSON.stringify(scheme)) {
      const warning = { holder: controller, place, expected: `one scheme for ${decorator}`, found: 'two that differ' };
      this.#warnings.push({ ...warning, remedy: 'Give one of them another name, or both the same constant.' });
    }
  }

  /** Gives what the components have of it: nothing where nothing is asked for. */
  component(): { readonly securitySchemes?: Readonly<Record<string, SecurityScheme>> } {
    return this.#schemes.size === 0 ? {} : { securitySchemes: Object.fromEntries(this.#schemes) };
  }
}
