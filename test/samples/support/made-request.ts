/** Makes requests of an OpenAPI document: such as it describes, and such as it does not. */

import type { OpenApiDocument, OperationObject } from '../../../src/index.js';
import { fc } from '../../support/properties.js';

type Schema = Readonly<Record<string, unknown>>;

/** A request that is still to be given its session. */
export interface MadeRequest {
  readonly operationId: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | FormData;
}

/** What a field of a message head may hold. */
const FIELD = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

/** Text that has broken something somewhere. */
const NASTY = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '💥',
  '%',
  '\\',
  "'; drop table users; --",
  '__proto__',
  'x'.repeat(201),
];

/** Makes arbitrary requests for every operation of `document`. `texts` are known to be worth trying. */
export function madeRequests(document: OpenApiDocument, texts: readonly string[]): fc.Arbitrary<MadeRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation: operation as OperationObject })),
  );
  const maker = new Maker(document, texts);
  return fc.oneof(...operations.map(({ path, method, operation }) => maker.request(path, method, operation)));
}

class Maker {
  readonly #document: OpenApiDocument;
  readonly #texts: readonly string[];

  constructor(document: OpenApiDocument, texts: readonly string[]) {
    this.#document = document;
    this.#texts = texts;
  }

  request(path: string, method: string, operation: OperationObject): fc.Arbitrary<MadeRequest> {
    const parameters = operation.parameters ?? [];
    const values = parameters.map(({ schema, required }) => {
      const text = this.#value(schema).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
      return required === true ? text : fc.option(text, { nil: undefined });
    });
    return fc.tuple(fc.tuple(...values), this.#content(operation)).map(([texts, { type, body }]) => {
      let target = path;
      const query = new URLSearchParams();
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
      parameters.forEach(({ name, in: place }, i) => {
        const text = texts[i];
        if (place === 'path') target = target.replace(`{${name}}`, encoded(text ?? ''));
        else if (text === undefined) return;
        else if (place === 'query') query.append(name, text);
        else if (FIELD.test(text)) headers[name] = text;
      });
      const url = query.size > 0 ? `${target}?${query}` : target;
      const { operationId } = operation;
      return { operationId, method: method.toUpperCase(), url, headers, ...(body === undefined ? {} : { body }) };
    });
  }

  #content(operation: OperationObject): fc.Arbitrary<{ type?: string; body?: MadeRequest['body'] }> {
    const contents = Object.entries(operation.requestBody?.content ?? {}).map(([type, { schema = {} }]) => {
      if (type === 'multipart/form-data') return this.#form(schema).map((body) => ({ body }));
      return this.#value(schema).map((value) => ({ type, body: JSON.stringify(value) }));
    });
    if (contents.length === 0) return fc.constant({});
    const malformed = fc.record({
      type: fc.constantFrom('application/json', 'text/plain', 'multipart/form-data; boundary=x', 'x'),
      body: fc.oneof(
        fc.string(),
        fc.uint8Array({ maxLength: 100 }),
        fc.constantFrom('{', '{"__proto__":1}', '--x\r\n'),
      ),
    });
    return fc.oneof({ weight: 9, arbitrary: fc.oneof(...contents) }, { weight: 1, arbitrary: malformed });
  }

  #form(schema: Schema): fc.Arbitrary<FormData> {
    const names = Object.keys((this.#resolve(schema).properties ?? {}) as object);
    return fc.record({ name: this.#text({}), content: this.#text({}), isNamed: fc.boolean() }).map((made) => {
      const form = new FormData();
      for (const field of made.isNamed ? names : ['other']) form.append(field, new Blob([made.content]), made.name);
      return form;
    });
  }

  /** Mostly what the schema describes, now and then anything. */
  #value(schema: Schema): fc.Arbitrary<unknown> {
    const any = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(...NASTY));
    return fc.oneof({ weight: 9, arbitrary: this.#fitting(schema) }, { weight: 1, arbitrary: any });
  }

  #fitting(given: Schema): fc.Arbitrary<unknown> {
    const schema = this.#resolve(given);
    if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
    switch (schema.type) {
      case 'integer': {
        const { minimum = 0, maximum = 100 } = schema as { minimum?: number; maximum?: number };
        // Small ones are the ids of something.
        return fc.oneof(
          fc.integer({ min: minimum, max: Math.min(maximum, 12) }),
          fc.integer({ min: minimum, max: maximum }),
        );
      }
      case 'boolean':
        return fc.boolean();
      case 'string':
        return this.#text(schema);
      case 'object': {
        const { properties = {}, required = [] } = schema as {
          properties?: Record<string, Schema>;
          required?: string[];
        };
        const fields = Object.entries(properties).map(([name, property]) => [name, this.#value(property)] as const);
        return fc.record(Object.fromEntries(fields), { requiredKeys: required });
      }
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  }

  #text(schema: Schema): fc.Arbitrary<string> {
    const { maxLength = 300 } = schema as { maxLength?: number };
    return fc.oneof(
      fc.constantFrom(...this.#texts),
      fc.string({ unit: 'grapheme', maxLength: Math.min(maxLength, 300) }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(...NASTY),
    );
  }

  #resolve(schema: Schema): Schema {
    const { $ref } = schema;
    if (typeof $ref !== 'string') return schema;
    return $ref
      .slice(2)
      .split('/')
      .reduce<unknown>((of, key) => (of as Schema)[key], this.#document) as Schema;
  }
}

function encoded(text: string): string {
  // A lone surrogate has no UTF-8.
  return encodeURIComponent(Buffer.from(text).toString()).replace(/^\.{1,2}$/, '%2e') || '%20';
}
