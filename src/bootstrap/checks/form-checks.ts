/** Finds what is wrong with the parameters that are read from a form with files. */

import type { AnyClass, MultipartRecord, ParameterRecord } from '../../decorators/metadata.js';
import { checkMultipartOptions } from '../../http/forms/multipart-options.js';
import { scalarReader } from '../parameters/scalars.js';
import { type Finding, finding, type Place } from './finding.js';
import { type HandlerFacts, WITHOUT_CONTENT } from './handler-checks.js';

/** Whether a parameter is of a form with files. */
export function isOfForm({ source }: ParameterRecord): boolean {
  return source === 'file' || source === 'files' || source === 'parts';
}

/** Lists what is wrong with `@File`, `@Files` and `@Parts` of `handler`. */
export function checkForm(handler: HandlerFacts): Finding[] {
  const { place, parameters } = handler;
  const records = parameters.records.filter(isOfForm);
  if (records.length === 0) {
    if (!parameters.multiparts.some(({ handlerKey }) => handlerKey !== undefined)) return [];
    const remedy = 'It says how they read the form: add one, or remove it. req.multipart() takes its options itself.';
    return [finding(place, '@File, @Files or @Parts beside @Multipart', 'none', remedy)];
  }
  return [
    ...checkMethods(handler, records),
    ...checkNames(place, records),
    ...checkParts(handler, records),
    ...checkBody(handler),
    ...records.flatMap((record) => checkType(place, record, parameters.types?.[record.index])),
  ];
}

/** Lists what is wrong with the options of one `@Multipart`, and with a second one as close. */
export function checkMultiparts(place: Place | AnyClass, records: readonly MultipartRecord[]): Finding[] {
  const findings = records.flatMap(({ options }) => {
    try {
      checkMultipartOptions(options);
      return [];
    } catch (error) {
      const said = `@Multipart: ${(error as Error).message}`;
      return [finding(place, 'options of a form', JSON.stringify(options), 'Sizes are bytes.', said)];
    }
  });
  if (records.length > 1)
    findings.push(finding(place, 'one @Multipart', String(records.length), 'Write one with all.'));
  return findings;
}

function checkMethods({ place, routes }: HandlerFacts, [first]: readonly ParameterRecord[]): Finding[] {
  const { method } = routes.find((route) => WITHOUT_CONTENT.has(route.method)) ?? {};
  if (method === undefined || first === undefined) return [];
  const remedy = 'The content of such a request has no meaning (RFC 9110 §9.3): use @Post, @Put or @Patch.';
  return [finding(place, `no ${first.decorator} with ${method}`, first.decorator, remedy)];
}

function checkNames(place: Place, records: readonly ParameterRecord[]): Finding[] {
  const seen = new Map<string, ParameterRecord>();
  return records.flatMap((record) => {
    const key = `${record.source === 'parts' ? 'parts' : 'file'} ${record.name}`;
    const before = seen.get(key);
    seen.set(key, record);
    if (before === undefined) return [];
    const what = record.name === undefined ? record.decorator : `parameter for the files of "${record.name}"`;
    const found = `${before.decorator} and ${record.decorator}`;
    return [finding(place, `one ${what}`, found, 'Both would be given the same: remove one.')];
  });
}

/** What arrives part by part cannot be read whole as well. */
function checkParts({ place, parameters }: HandlerFacts, records: readonly ParameterRecord[]): Finding[] {
  const parts = records.find(({ source }) => source === 'parts');
  if (parts === undefined) return [];
  const whole = parameters.records.find(
    (each) => each.source === 'body' || (isOfForm(each) && each.source !== 'parts'),
  );
  if (whole === undefined) return [];
  const remedy = 'The parts are handed on as they arrive, fields and files: read all of them there, or none.';
  return [finding(place, `${parts.decorator} alone`, `${whole.decorator} beside it`, remedy)];
}

/** Beside files the body is the text fields of their form, an object. */
function checkBody({ place, parameters }: HandlerFacts): Finding[] {
  return parameters.records.flatMap((record) => {
    const type = parameters.types?.[record.index];
    if (record.source !== 'body' || (type !== Array && scalarReader(type) === undefined)) return [];
    const expected = `an object for ${record.decorator} beside a file`;
    const remedy = 'The body is the text fields of the same form, by name: give it a schema of them.';
    return [finding(place, expected, nameOf(type), remedy)];
  });
}

/** What the compiler emitted where nobody has it check types: swc and its like. */
function checkType(place: Place, { source, decorator }: ParameterRecord, type: unknown): Finding[] {
  const isList = type === Array;
  if ((isList && source === 'files') || (!isList && scalarReader(type) === undefined)) return [];
  const expected = { file: 'UploadedFile', files: 'UploadedFile[]', parts: 'AsyncIterable<FormPart>' }[
    source as 'file'
  ];
  return [
    finding(place, `a parameter of type ${expected} for ${decorator}`, nameOf(type), 'Declare it as what it is given.'),
  ];
}

function nameOf(type: unknown): string {
  return String((type as { name?: unknown }).name);
}
