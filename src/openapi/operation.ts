/** Describes one operation: a route at one of its paths. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { RouteDescription } from '../bootstrap/route-table.js';
import type { DocOptions } from '../decorators/doc.js';
import { docRecords, type SecurityRecord } from '../decorators/metadata.js';
import { docsOf, guardsOf, securitiesOf } from './guards.js';
import type { JsonSchemas } from './json-schemas.js';
import { MESSAGES, type OperationObject } from './open-api-document.js';
import { describeParameters } from './parameters.js';
import type { TemplatedPath } from './path-templates.js';
import type { Problems } from './problems.js';
import { describeRequestBody } from './request-body.js';
import { describeResponses } from './responses.js';
import { refusesStrangers, requirementsOf } from './security.js';

/** What all operations of a document have in common. */
export interface OperationContext {
  readonly schemas: JsonSchemas;
  readonly problems: Problems;
  /** Middleware of the whole application. */
  readonly use: readonly unknown[];
  /** Milliseconds for a route that names none. */
  readonly timeout: number | undefined;
  /** Answers that every operation may give. */
  readonly responses: DocOptions['responses'];
  /** Gives an id that no other operation has. */
  readonly nameOperation: (wanted: string) => string;
  /** Told of each scheme that an operation asks for. */
  readonly onSecurity: (record: SecurityRecord, route: RouteDescription) => void;
}

/** Describes `route` at `path`, which the pathless have none of. */
export function describeOperation(
  route: RouteDescription,
  path: TemplatedPath | undefined,
  context: OperationContext,
): OperationObject {
  const { schemas, problems, use, timeout, responses, nameOperation, onSecurity } = context;
  const { controller, handlerKey } = route;
  const guards = guardsOf(route, use);
  const securities = securitiesOf(route, guards);
  for (const each of securities) onSecurity(each, route);
  const own = docRecords(controller, handlerKey)[0]?.options ?? {};
  const ofClass = docRecords(controller)[0]?.options ?? {};
  const descriptions = own.parameters ?? {};
  const parameters = describeParameters(route, path, schemas, descriptions);
  const requestBody = describeRequestBody(route, schemas, descriptions);
  const security = requirementsOf(securities);
  const messages = describeMessages(route, schemas);
  return {
    operationId: nameOperation(own.operationId ?? route.place),
    tags: own.tags ?? tagsOf(route),
    ...defined({ summary: own.summary, description: own.description ?? describeKind(route) }),
    ...((own.deprecated ?? ofClass.deprecated) ? { deprecated: true } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...defined({ requestBody, [MESSAGES]: messages }),
    responses: describeResponses(route, {
      schemas,
      problems,
      timeout,
      refusesStrangers: refusesStrangers(securities),
      docs: [...(responses === undefined ? [] : [{ responses }]), ...docsOf(route, guards)],
    }),
    ...defined({ security }),
  };
}

/** The tags of a controller: as its `@Doc` says, or its name. */
export function tagsOf({ controller }: Pick<RouteDescription, 'controller'>): readonly string[] {
  const { tags } = docRecords(controller)[0]?.options ?? {};
  return tags ?? [controller.name.replace(/(?<=.)Controller$/, '')];
}

function describeKind({ sends }: RouteDescription): string | undefined {
  if (sends === 'events') return 'Server-sent events, for as long as the client stays.';
  return sends === 'messages' ? 'Opens a WebSocket (RFC 6455).' : undefined;
}

/** What a WebSocket takes, where a schema says. */
function describeMessages(route: RouteDescription, schemas: JsonSchemas): object | undefined {
  const record = route.parameters.records.find(({ source, hasSchema }) => source === 'socket' && hasSchema);
  if (record === undefined) return undefined;
  const { controller: holder, place } = route;
  return schemas.describe(record.schema as StandardSchemaV1, {
    holder,
    place,
    decorator: record.decorator,
    direction: 'input',
    fallback: `${place}.message`,
  });
}

/** Leaves out what is undefined, which JSON would drop and exact optional properties do not allow. */
function defined<T extends object>(members: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]?: NonNullable<T[Key]> };
}
