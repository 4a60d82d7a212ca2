/** Decides what a returned value becomes on the wire. */

import { Readable } from 'node:stream';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ReplyRecord, Representation } from '../../decorators/metadata.js';
import type { Encoder } from '../../decorators/produces.js';
import type { ServerSentEvent } from '../../http/events/server-sent-event.js';
import { sendFile } from '../../http/files/file-content.js';
import type { Logger } from '../../http/logger.js';
import { FileBody, Reply } from '../../http/reply.js';
import type { Request } from '../../http/request.js';
import type { Response } from '../../http/response.js';
import { cancelSource, type StreamSource } from '../../http/stream-source.js';
import { isThenable } from '../../http/thenable.js';
import type { Env } from '../../server/opts.js';
import { runSchema, SchemaFailure } from '../schema.js';
import { type JsonFault, writeJson } from './json-text.js';

/** Sends what a handler returned, once awaited. */
export type Sender = (value: unknown, req: Request, res: Response) => void | Promise<void>;

export interface ReplyOptions {
  /** `Class.method`, for errors. */
  readonly place: string;
  readonly env: Env;
  readonly logger: Logger;
}

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/**
 * Builds the sender of one handler. `undefined` is 204; `null`, numbers, booleans, objects and arrays are JSON;
 * a string is text, bytes are octets; streams and async iterables are streamed; a {@link Reply} is as it says. What
 * the handler sent itself is left alone. With a `representation` all that is the content of a success, and has no
 * type of its own, is sent as that.
 */
export function buildSender(
  records: readonly ReplyRecord[],
  options: ReplyOptions,
  representation?: Representation,
): Sender {
  const status = defaultStatus(records);
  const schemas = new Map(records.flatMap(({ status, schema }) => (schema ? [[status, schema] as const] : [])));
  const onNotFinite = notFinite(options);

  const write = (value: unknown, req: Request, res: Response): void | Promise<void> => {
    if (value === undefined) {
      if (!res.hasStatus && !res.hasBody) res.setStatus(204);
      res.send();
    } else if (typeof value === 'string' || value instanceof Uint8Array) {
      // The response has a type of its own only for what has a length.
      if (value === '') setType(res, TEXT_TYPE);
      res.send(value);
    } else if (value instanceof ArrayBuffer) {
      res.send(new Uint8Array(value));
    } else if (isStream(value)) {
      return res.stream(value);
    } else if (value instanceof FileBody) {
      return sendFile(req, res, value.path, value.options);
    } else {
      const text = writeJson(value, onNotFinite);
      setType(res, JSON_TYPE);
      res.send(text);
    }
  };

  const encode =
    representation === undefined ? write : buildEncoding(representation, options.place, onNotFinite, write);

  const check = (value: unknown, req: Request, res: Response, schema: StandardSchemaV1): void | Promise<void> => {
    const checked = runSchema(schema, value);
    if (isThenable(checked)) return checked.then((done) => encode(fitting(done, options.place), req, res));
    return encode(fitting(checked, options.place), req, res);
  };

  return (returned, req, res) => {
    // `return res.send(...)` gives the response itself.
    const value = returned === res ? undefined : returned;
    if (res.hasSent()) {
      if (value !== undefined) drop(value, options);
      return;
    }
    if (value === undefined && res.holdOpen) return;
    let body = value;
    if (value instanceof Reply) {
      applyReply(value, res);
      body = value.body;
    } else if (status !== undefined && !res.hasStatus) {
      res.setStatus(status);
    }
    const schema = schemas.size === 0 ? undefined : schemas.get(res.status);
    return schema === undefined ? encode(body, req, res) : check(body, req, res, schema);
  };
}

/** Builds what sends a value as one media type, and leaves what is not for it to `write`. */
function buildEncoding(
  { type, encoder }: Representation,
  place: string,
  onNotFinite: (fault: JsonFault) => void,
  write: Sender,
): Sender {
  // Text is sent as UTF-8, and a browser would guess otherwise.
  const sentType = /^text\/(?!.*;\s*charset=)/i.test(type) ? `${type}; charset=utf-8` : type;
  const encode = (encoder as Encoder<unknown> | undefined) ?? ((value) => jsonOf(value, place, onNotFinite));
  const send: Sender = (encoded, req, res) => {
    if (typeof encoded !== 'string' && !(encoded instanceof Uint8Array) && !isStream(encoded)) {
      throw new TypeError(`${place}: the encoder of ${type} makes text, bytes or a stream, it made ${kindOf(encoded)}`);
    }
    res.setContentType(sentType);
    return write(encoded, req, res);
  };
  return (value, req, res) => {
    const isAsItIs = value === undefined || value instanceof FileBody || res.getHeader('content-type') !== undefined;
    if (isAsItIs || res.status >= 300) {
      return write(value, req, res);
    }
    const encoded = encode(value, req);
    return isThenable(encoded) ? encoded.then((done) => send(done, req, res)) : send(encoded, req, res);
  };
}

/** Bytes and streams have properties, so JSON would hold those. */
function jsonOf(value: unknown, place: string, onNotFinite: (fault: JsonFault) => void): string {
  if (!(value instanceof Uint8Array) && !isStream(value)) return writeJson(value, onNotFinite);
  throw new TypeError(`${place}: ${kindOf(value)} cannot be sent as JSON: give JSON an encoder in its @Produces`);
}

/** Builds the sender of an `@Sse` handler: one event for each step of the iterable that it returned. */
export function buildEventSender(options: ReplyOptions): Sender {
  return (returned, _req, res) => {
    if (res.hasSent()) {
      if (isAsyncIterable(returned)) cancelSource(returned as StreamSource);
      return;
    }
    if (!isAsyncIterable(returned)) {
      throw new TypeError(`${options.place}: @Sse sends an async iterable, the method returned ${kindOf(returned)}`);
    }
    return res.events().sendAll(returned as AsyncIterable<ServerSentEvent | string>);
  };
}

/** A value that comes too late: after a time limit has answered, say. What it holds is let go of. */
function drop(value: unknown, { logger, place }: ReplyOptions): void {
  const body = value instanceof Reply ? value.body : value;
  if (isStream(body)) cancelSource(body);
  logger.warn({ handler: place }, 'A value was returned after the response was sent; it is dropped');
}

/** `@Status`, or else the success that `@Returns` names. */
function defaultStatus(records: readonly ReplyRecord[]): number | undefined {
  const stated = records.find(({ schema }) => schema === undefined) ?? records.find(({ status }) => status < 300);
  return (stated ?? records[0])?.status;
}

function applyReply(reply: Reply, res: Response): void {
  res.setStatus(reply.status);
  for (const [name, value] of Object.entries(reply.headers)) {
    if (typeof value === 'string') res.setHeader(name, value);
    else for (const line of value) res.addHeader(name, line);
  }
}

/** Says what the content is, unless the handler did. */
function setType(res: Response, type: string): void {
  if (res.getHeader('content-type') === undefined) res.setContentType(type);
}

function fitting(checked: unknown, place: string): unknown {
  if (!(checked instanceof SchemaFailure)) return checked;
  const issues = checked.issues.map(({ pointer, detail }) => `${pointer === '' ? 'the value' : pointer}: ${detail}`);
  throw new TypeError(`${place}: what it returned does not fit its @Returns: ${issues.join('; ')}`);
}

/** In production a number that JSON has no word for must not take the whole answer down. */
function notFinite({ place, env, logger }: ReplyOptions): (fault: JsonFault) => void {
  if (env === 'production') {
    return (fault) => logger.warn({ handler: place, at: fault.pointer }, `${fault.message}; it is sent as null`);
  }
  return (fault) => {
    throw fault;
  };
}

function isStream(value: unknown): value is StreamSource {
  return value instanceof Readable || value instanceof ReadableStream || isAsyncIterable(value);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<Uint8Array | string> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : `a ${typeof value}`;
}
