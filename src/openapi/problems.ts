/** Describes the answers of errors. */

import { reasonOf } from '../protocol/status.js';
import type { Components } from './components.js';
import type { JsonSchema, ResponseObject } from './open-api-document.js';

export const PROBLEM_TYPE = 'application/problem+json';

const ISSUE: JsonSchema = {
  type: 'object',
  properties: {
    in: { enum: ['path', 'query', 'header', 'cookie', 'body'] },
    name: { type: 'string' },
    pointer: { type: 'string', description: 'Where in the value, as a JSON pointer (RFC 6901).' },
    detail: { type: 'string' },
  },
  required: ['in', 'detail'],
};

const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'A problem document (RFC 9457). An error may have members of its own.',
  properties: {
    title: { type: 'string', description: 'What the status means.' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string', description: 'What is wrong with this request.' },
    ref: { type: 'string', description: 'Names the entry of the log that tells more.' },
    errors: { type: 'array', items: ISSUE, description: 'All that is wrong with the request.' },
  },
  required: ['title', 'status'],
};

/** The errors that mean the same wherever they are answered. */
const MEANINGS: Readonly<Record<number, string>> = {
  400: 'The request is not as described.',
  401: 'The credentials are missing or wrong.',
  406: 'None of the types that the client accepts can be sent.',
  413: 'The content is larger than is accepted.',
  415: 'The content is of a type that is not accepted.',
  422: 'The content does not fit its schema.',
  426: 'This is served over WebSocket alone.',
  500: 'Something went wrong that is not to be told.',
  503: 'The answer took too long to begin.',
};

/** The problem documents of one document: one schema, and one response for each status. */
export class Problems {
  readonly #schema: JsonSchema;
  readonly #responses = new Map<number, ResponseObject>();

  constructor(components: Components) {
    this.#schema = components.hold('Problem', PROBLEM);
  }

  /** The content of a problem document. */
  content(): NonNullable<ResponseObject['content']> {
    return { [PROBLEM_TYPE]: { schema: this.#schema } };
  }

  /** Refers to the one response of `status` that all operations share. */
  refer(status: number): { readonly $ref: string } {
    if (!this.#responses.has(status)) {
      this.#responses.set(status, { description: meaningOf(status), content: this.content() });
    }
    return { $ref: `#/components/responses/${status}` };
  }

  /** The responses that were referred to, by status. */
  responses(): Record<string, ResponseObject> {
    return Object.fromEntries([...this.#responses].sort(([a], [b]) => a - b).map(([key, of]) => [String(key), of]));
  }
}

/** Says in a sentence what a status means where nobody says more. */
export function meaningOf(status: number): string {
  return MEANINGS[status] ?? reasonOf(status);
}
