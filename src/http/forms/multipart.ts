/** Reads a request whose content is a form with files (RFC 7578). */

import { safeParse } from 'fast-content-type-parse';
import { HttpError } from '../http-error.js';
import { decodeText } from '../request-body.js';
import { refuseType } from '../unsupported-type.js';
import { malformed, overLimit } from './form-errors.js';
import { FormFields } from './form-fields.js';
import { FilePart, type FormField, type FormPart, joinPieces } from './form-part.js';
import { type CheckedMultipartOptions, checkMultipartOptions, type MultipartOptions } from './multipart-options.js';
import { displayName, type PartHead } from './part-head.js';
import { PartSplitter, type SplitPart } from './part-splitter.js';
import { TemporaryFolder } from './temporary-folder.js';
import { type FileDescription, UploadedFile } from './uploaded-file.js';

/** What reading a form asks of its request. */
export interface FormSource {
  readonly method: string;
  readonly hasContent: boolean;
  readonly headers: { get(name: string): string | undefined };
  /** The content piece by piece, be it that somebody has read it already. */
  pieces(): AsyncIterable<Uint8Array>;
  /** Calls `listener` once the request was answered, or its client has left, and its handler has ended. */
  onOver(listener: () => void): void;
}

/** A form that was read whole. */
export interface MultipartForm {
  readonly fields: FormFields;
  /** In the order in which they were sent. */
  readonly files: readonly UploadedFile[];
}

const MULTIPART = 'multipart/form-data';
/** RFC 2046 §5.1.1, and whatever else is visible: what is accepted here is compared, never interpreted. */
const BOUNDARY = /^[\x20-\x7e]{0,69}[\x21-\x7e]$/;

/** The forms of requests, so that whoever asks again gets the same. */
const forms = new WeakMap<FormSource, Promise<MultipartForm>>();

/**
 * Reads the whole form, once. A request without content has an empty one.
 *
 * @throws HttpError 415 for another content type, 400 where the form is malformed, 413 over a limit.
 */
export function readForm(source: FormSource, options: MultipartOptions | undefined): Promise<MultipartForm> {
  let form = forms.get(source);
  if (form === undefined) {
    form = collectForm(source, checkMultipartOptions(options));
    forms.set(source, form);
  }
  return form;
}

async function collectForm(source: FormSource, checked: CheckedMultipartOptions): Promise<MultipartForm> {
  const store = checked.store === 'disk' ? storeOnDisk(source, checked) : storeInMemory;
  const fields: FormField[] = [];
  const files: UploadedFile[] = [];
  for await (const part of readChecked(source, checked)) {
    if (part.kind === 'field') fields.push(part);
    else if (checked.only?.includes(part.name) ?? true) files.push(await store(part));
    // Read to its end all the same: its size is limited as that of any other.
    else for await (const _piece of part);
  }
  return { fields: new FormFields(fields), files };
}

/**
 * Reads the form part by part as it arrives, in the order in which it was sent. A request without content has none.
 *
 * @throws HttpError as {@link readForm}.
 */
export async function* readParts(
  source: FormSource,
  options: MultipartOptions | undefined,
): AsyncGenerator<FormPart, void> {
  yield* readChecked(source, checkMultipartOptions(options));
}

async function* readChecked(source: FormSource, options: CheckedMultipartOptions): AsyncGenerator<FormPart, void> {
  const boundary = boundaryOf(source);
  if (boundary === undefined) return;
  const splitter = await PartSplitter.open(source.pieces(), boundary, options);
  const count = { files: 0, fields: 0 };
  try {
    for (;;) {
      const part = await splitter.next();
      if (part === undefined) return;
      const read = part.head.filename === undefined ? await readField(part, options) : await openFile(part, options);
      if (read === undefined) continue;
      countPart(read, count, options);
      yield read;
    }
  } finally {
    splitter.stop();
  }
}

/** `undefined` where there is no content. @throws HttpError 415, and 400 without a boundary. */
function boundaryOf(source: FormSource): string | undefined {
  const written = source.headers.get('content-type');
  if (written === undefined && !source.hasContent) return undefined;
  const { type, parameters } = safeParse(written ?? '');
  if (type !== MULTIPART) throw refuseType(source.method, MULTIPART, type);
  const { boundary = '' } = parameters as { boundary?: string };
  if (!BOUNDARY.test(boundary)) throw malformed('The Content-Type has no valid boundary.');
  return boundary;
}

function countPart(
  { kind }: FormPart,
  count: { files: number; fields: number },
  options: CheckedMultipartOptions,
): void {
  const { maxFiles, maxFields } = options;
  if (kind === 'file' && ++count.files > maxFiles) {
    throw overLimit('maxFiles', maxFiles, `The form has more than the ${maxFiles} files accepted`);
  }
  if (kind === 'field' && ++count.fields > maxFields) {
    throw overLimit('maxFields', maxFields, `The form has more than the ${maxFields} fields accepted`);
  }
}

const UTF_8: ReadonlySet<string | undefined> = new Set([undefined, 'utf-8', 'utf8', 'us-ascii']);

async function readField({ head, content }: SplitPart, { maxFieldSize }: CheckedMultipartOptions): Promise<FormField> {
  const { name, charset } = head;
  if (!UTF_8.has(charset)) throw new HttpError(`The field ${quote(name)} must be in UTF-8, not ${charset}.`, 415);
  const limited = limitSize(content, maxFieldSize, () => {
    const detail = `The field ${quote(name)} is larger than the ${maxFieldSize} bytes accepted`;
    return overLimit('maxFieldSize', maxFieldSize, detail, name);
  });
  return { kind: 'field', name, value: decodeText(await joinPieces(limited)) };
}

/** Gives nothing for an input in which no file was chosen: its part has an empty name and no content. */
async function openFile(
  { head, content }: SplitPart,
  { maxFileSize }: CheckedMultipartOptions,
): Promise<FilePart | undefined> {
  const { name } = head;
  const limited = limitSize(content, maxFileSize, () => {
    const detail = `The file ${quote(name)} is larger than the ${maxFileSize} bytes accepted`;
    return overLimit('maxFileSize', maxFileSize, detail, name);
  });
  if (head.filename !== '') return new FilePart(describe(head), limited);
  const first = await limited.next();
  return first.done ? undefined : new FilePart(describe(head), startWith(first.value, limited));
}

function describe({ name, filename = '', type = 'application/octet-stream' }: PartHead): FileDescription {
  return { name, filename: displayName(filename), type };
}

async function* limitSize(
  content: AsyncIterable<Uint8Array>,
  maximum: number,
  tooLarge: () => HttpError,
): AsyncGenerator<Uint8Array, void> {
  let size = 0;
  for await (const piece of content) {
    size += piece.length;
    if (size > maximum) throw tooLarge();
    yield piece;
  }
}

async function* startWith(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield first;
  yield* rest;
}

async function storeInMemory(part: FilePart): Promise<UploadedFile> {
  return new UploadedFile(part, await part.bytes());
}

function storeOnDisk(source: FormSource, options: CheckedMultipartOptions): (part: FilePart) => Promise<UploadedFile> {
  const folder = new TemporaryFolder(options.directory);
  source.onOver(() => void folder.remove());
  return async (part) => {
    const path = await folder.pathOfNext();
    return new UploadedFile(part, { path, size: await part.saveTo(path) });
  };
}

function quote(name: string): string {
  return JSON.stringify(name);
}
