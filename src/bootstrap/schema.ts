/** Runs a Standard Schema. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isThenable } from '../http/thenable.js';

/** Why a value does not fit, and where: a JSON pointer (RFC 6901), empty for the value itself. */
export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly pointer: string;
  readonly detail: string;
}

/** A value that its schema refused. */
export class SchemaFailure {
  readonly issues: readonly SchemaIssue[];

  constructor(issues: readonly SchemaIssue[]) {
    this.issues = issues;
  }
}

/** Whether `value` is a schema of zod, valibot, arktype or any other library that follows the standard. */
export function isSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard = (value as Partial<StandardSchemaV1>)['~standard'];
  return typeof standard?.validate === 'function';
}

/** Gives what `schema` makes of `value`, or a {@link SchemaFailure}. A promise only where the schema gives one. */
export function runSchema(schema: StandardSchemaV1, value: unknown): unknown {
  const result = schema['~standard'].validate(value);
  return isThenable(result) ? result.then(readResult) : readResult(result);
}

/** Writes a path as a JSON pointer. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function readResult(result: StandardSchemaV1.Result<unknown>): unknown {
  if (result.issues === undefined) return result.value;
  return new SchemaFailure(result.issues.map(readIssue));
}

function readIssue(issue: StandardSchemaV1.Issue): SchemaIssue {
  const path = (issue.path ?? []).map((segment) => (typeof segment === 'object' ? segment.key : segment));
  return { path, pointer: pointerOf(path), detail: issue.message };
}
