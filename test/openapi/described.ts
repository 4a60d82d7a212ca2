/** Describes controllers for a test. */

import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'vitest';
import { describeApp } from '../../src/bootstrap/api-document.js';
import type { AppOptions, Class, JsonSchema, OpenApiDocument, OperationObject } from '../../src/index.js';

export interface Described {
  readonly document: OpenApiDocument;
  readonly warnings: readonly string[];
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** The operation of a method at a path, `get /todos/{id}`. */
  operation(place: string): OperationObject;
}

/** Describes an application, whose document must be valid. */
export async function describeAll(controllers: Class[], options: Partial<AppOptions> = {}): Promise<Described> {
  const { document, warnings } = await describeApp({ ...options, controllers });
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  return {
    document,
    warnings: warnings.map(({ message }) => message),
    schemas: document.components.schemas,
    operation(place) {
      const [method = '', path = ''] = place.split(' ');
      return document.paths[path]?.[method] as OperationObject;
    },
  };
}

/** Describes the one method of a controller, `get /`. */
export async function describeOne(controller: Class, options: Partial<AppOptions> = {}): Promise<OperationObject> {
  const { document } = await describeAll([controller], options);
  const [item] = Object.values(document.paths);
  return Object.values(item ?? {})[0] as OperationObject;
}
