/** Reads one message of a WebSocket as JSON that fits a schema. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { HttpError } from '../http-error.js';
import { parseJson } from '../json.js';

/** A message as it arrived: text, or bytes. */
export type RawMessage = string | Buffer;

/** Gives what a message says, or a {@link BadMessage}. */
export type MessageReader<Message> = (raw: RawMessage) => Message | BadMessage | Promise<Message | BadMessage>;

// Close codes (RFC 6455 §7.4.1).
const UNSUPPORTED_DATA = 1003;
const INVALID_DATA = 1007;
const POLICY_VIOLATION = 1008;

/** Why the socket closes: a peer sent what nobody here reads. */
export class BadMessage {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string) {
    this.code = code;
    this.reason = reason;
  }
}

/** Gives messages as they are. */
export const readRaw: MessageReader<RawMessage> = (raw) => raw;

/** Makes the reader of JSON that fits `schema`. Bytes close with 1003, what is no JSON with 1007, what does not fit with 1008. */
export function readJson<S extends StandardSchemaV1>(schema: S): MessageReader<StandardSchemaV1.InferOutput<S>> {
  return async (raw) => {
    if (typeof raw !== 'string') return new BadMessage(UNSUPPORTED_DATA, 'Messages are JSON, sent as text.');
    let value: unknown;
    try {
      value = parseJson(raw);
    } catch (error) {
      if (error instanceof HttpError) return new BadMessage(INVALID_DATA, error.message);
      throw error;
    }
    const result = await schema['~standard'].validate(value);
    if (result.issues === undefined) return result.value as StandardSchemaV1.InferOutput<S>;
    const [{ message, path = [] } = { message: 'It does not fit.' }] = result.issues;
    const keys = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment));
    return new BadMessage(POLICY_VIOLATION, keys.length === 0 ? message : `${keys.join('.')}: ${message}`);
  };
}
