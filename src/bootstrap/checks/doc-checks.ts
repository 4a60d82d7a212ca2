/** Finds what is wrong with what `@Doc` says. */

import type { AnyClass, DocRecord, MethodParameters } from '../../decorators/metadata.js';
import { type Finding, finding, type Place } from './finding.js';

/** What is of one method. */
const OF_METHODS = ['summary', 'operationId', 'parameters'] as const;

/** Lists what is wrong with `@Doc` of a class. */
export function checkClassDoc(controller: AnyClass, records: readonly DocRecord[]): Finding[] {
  const [{ options } = {}] = records;
  const wrong = OF_METHODS.filter((name) => options?.[name] !== undefined);
  return [
    ...checkCount(controller, records),
    ...wrong.map((name) => finding(controller, `@Doc of a class without ${name}`, name, 'Write it above the method.')),
    ...checkStatuses(controller, options?.responses),
  ];
}

/** Lists what is wrong with `@Doc` of a handler. */
export function checkMethodDoc(place: Place, records: readonly DocRecord[], parameters: MethodParameters): Finding[] {
  const [{ options } = {}] = records;
  const names = parameters.records.flatMap(({ name }) => name ?? []);
  // The fields of a whole set are known to its schema alone.
  const hasSets = parameters.records.some(({ name, schema }) => name === undefined && schema !== undefined);
  const unknown = hasSets ? [] : Object.keys(options?.parameters ?? {}).filter((name) => !names.includes(name));
  return [
    ...checkCount(place, records),
    ...unknown.map((name) => {
      const known = names.length === 0 ? 'a method without any' : names.join(', ');
      return finding(place, `a parameter named ${name}, as @Doc has it`, known, 'Correct the name, or remove it.');
    }),
    ...checkStatuses(place, options?.responses),
  ];
}

function checkCount(place: Place | AnyClass, records: readonly DocRecord[]): Finding[] {
  if (records.length < 2) return [];
  return [finding(place, 'one @Doc', String(records.length), 'Write one with all.')];
}

function checkStatuses(place: Place | AnyClass, responses: object = {}): Finding[] {
  const wrong = Object.keys(responses).filter((status) => !/^[1-5]\d\d$/.test(status));
  return wrong.map((status) =>
    finding(place, 'statuses in the responses of @Doc', status, 'A status has three digits.'),
  );
}
