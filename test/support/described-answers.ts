/** Compares what an application answers with what its OpenAPI document says. */

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Middleware, OpenApiDocument, Response } from '../../src/index.js';
import {
  type ContentObject,
  type OperationObject,
  type Operations,
  OTHER_METHODS,
  OTHER_OPERATIONS,
  REST_PARAMETER,
  type ResponseObject,
} from '../../src/openapi/open-api-document.js';

const BASE = 'openapi.json';

/** One operation, found by a request. */
interface Found {
  readonly operation: OperationObject;
  /** Where it is in the document. */
  readonly pointer: readonly string[];
}

/** Looks at every answer of an application, where it is put outermost. */
export class DescribedAnswers {
  /** What was answered otherwise than described: `GET /todos: 200 application/json: /0/id must be integer`. */
  readonly faults: string[] = [];
  /** What was answered as described: `TodoController.show 200`. */
  readonly seen = new Set<string>();
  readonly #document: OpenApiDocument;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(document: OpenApiDocument) {
    this.#document = document;
    // biome-ignore lint/suspicious/noExplicitAny: the package's types and its module do not agree
    (addFormats as any)(this.#ajv);
    this.#ajv.addSchema(document, BASE);
  }

  readonly middleware: Middleware = (req, res, next) => {
    const found = this.find(req.method, req.url.path);
    res.onHead((_res, content) => {
      if (found === undefined) return;
      const fault = this.#compare(found, res, content);
      if (fault === undefined) this.seen.add(`${found.operation.operationId} ${res.status}`);
      else this.faults.push(`${req.method} ${req.url.path}: ${res.status} ${fault}`);
    });
    return next(req, res);
  };

  /** Finds what the document says of a request. HEAD is answered from GET. */
  find(method: string, path: string): Found | undefined {
    const wanted = path.split('/');
    const fitting = Object.entries(this.#document.paths)
      .filter(([template, item]) => fits(template.split('/'), wanted, JSON.stringify(item).includes(REST_PARAMETER)))
      .sort(([a], [b]) => rank(a).localeCompare(rank(b)));
    for (const [template, item] of fitting) {
      for (const key of [method, method === 'HEAD' ? 'GET' : method]) {
        const direct = item[key.toLowerCase()] as OperationObject | undefined;
        if (direct !== undefined) return { operation: direct, pointer: ['paths', template, key.toLowerCase()] };
        const other = (item[OTHER_METHODS] as Operations | undefined)?.[key];
        if (other !== undefined) return { operation: other, pointer: ['paths', template, OTHER_METHODS, key] };
      }
    }
    const pathless = (this.#document[OTHER_OPERATIONS] as Operations | undefined)?.[`${method} ${path}`];
    return pathless && { operation: pathless, pointer: [OTHER_OPERATIONS, `${method} ${path}`] };
  }

  #compare({ operation, pointer }: Found, res: Response, content: string | Uint8Array | undefined): string | undefined {
    const { responses } = operation;
    const status = [String(res.status), `${String(res.status)[0]}XX`, 'default'].find((key) => key in responses);
    if (status === undefined) return 'is no status that it has';
    const named = responses[status] as { $ref?: string };
    const at = named.$ref === undefined ? [...pointer, 'responses', status] : named.$ref.slice(2).split('/');
    const described = at.reduce<unknown>((of, key) => (of as Record<string, unknown>)[key], this.#document);
    const { content: types } = described as ResponseObject;
    const sent = res.getHeader('content-type');
    if (content?.length === 0 || sent === undefined) return undefined;
    const type = String(sent).split(';')[0] as string;
    const range = rangeOf(type, types ?? {});
    if (range === undefined) return `${type} is no type that it has`;
    if (!/json$/.test(type) || content === undefined || types?.[range]?.schema === undefined) return undefined;
    return this.#validate([...at, 'content', range, 'schema'], JSON.parse(Buffer.from(content).toString()));
  }

  #validate(pointer: readonly string[], value: unknown): string | undefined {
    const fragment = pointer
      .map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = this.#ajv.getSchema(`${BASE}#/${fragment}`);
    if (validate === undefined) throw new Error(`No schema at ${fragment}`);
    return validate(value) ? undefined : this.#ajv.errorsText(validate.errors, { dataVar: 'it' });
  }
}

function rangeOf(type: string, types: ContentObject): string | undefined {
  const base = (name: string) => name.split(';')[0];
  const own = Object.keys(types).find((name) => base(name) === type);
  return own ?? [`${type.split('/')[0]}/*`, '*/*'].find((range) => range in types);
}

function fits(template: readonly string[], path: readonly string[], hasRest: boolean): boolean {
  const takesRest = hasRest && path.length >= template.length;
  return (
    (path.length === template.length || takesRest) &&
    template.every((part, i) => {
      if (part.startsWith('{')) return path[i] !== '' || takesRest;
      return decodeURIComponent(part) === decodeURIComponent(path[i] as string);
    })
  );
}

/** Literals sort before parameters. */
function rank(template: string): string {
  return template.replaceAll(/\{[^}]*\}/g, '\uffff');
}
