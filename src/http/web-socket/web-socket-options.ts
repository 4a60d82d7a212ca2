/** Holds what a WebSocket can be told, with defaults, units and checks. */

import { isToken } from '../../protocol/chars.js';

/** Times in milliseconds, `Infinity` for none; sizes in bytes. */
export interface WebSocketOptions {
  /**
   * Origins (RFC 6454) whose pages may connect, beside the origin of the request's own host: `['https://app.example']`;
   * `'*'` for every page on the web, which is then served with its visitor's cookies. Default: the same host alone. A
   * client without an `Origin`, so no browser, is not asked.
   */
  readonly origins?: readonly string[] | '*';
  /** Sub-protocols that are spoken here (RFC 6455 §1.9), the preferred first. Default none. */
  readonly protocols?: readonly string[];
  /** Largest message accepted, once decompressed. A larger one closes the socket with 1009. Default 1048576. */
  readonly maxMessageSize?: number;
  /** Most that may wait to be sent. A client for which more waits is cut off at the next `send`. Default 1048576. */
  readonly maxQueueSize?: number;
  /** Time from one ping to the next. Default 30000. */
  readonly pingInterval?: number;
  /** Time in which something must arrive after a ping, or the client is cut off. Default 10000, or the interval if less. */
  readonly pingTimeout?: number;
  /** Time without a message from the client after which the socket is closed with 1000. Default none. */
  readonly idleTimeout?: number;
  /** Time for the client to answer a close before it is cut off. Default 5000. */
  readonly closeTimeout?: number;
  /** Whether messages over 1 KiB are compressed for clients that can read it (RFC 7692). Default false. */
  readonly deflate?: boolean;
}

/** Every option with its default filled in. */
export type CheckedWebSocketOptions = Required<WebSocketOptions>;

/** A longer timer would fire at once, and the library counts messages in 31 bits. */
const MAX_31_BITS = 2_147_483_647;
const NONE = Number.POSITIVE_INFINITY;

/** Numbers with their default, and whether they may be `Infinity`. */
const NUMBERS = {
  maxMessageSize: [1_048_576, true],
  maxQueueSize: [1_048_576, true],
  pingInterval: [30_000, true],
  pingTimeout: [10_000, false],
  idleTimeout: [NONE, true],
  closeTimeout: [5_000, false],
} as const;

type NumberOption = keyof typeof NUMBERS;

const KNOWN: readonly string[] = ['origins', 'protocols', 'deflate', ...Object.keys(NUMBERS)];

/** Fills in the defaults. @throws TypeError or RangeError naming the option that is unknown or out of range. */
export function checkWebSocketOptions(options: WebSocketOptions = {}): CheckedWebSocketOptions {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`options must be an object, got ${String(options)}`);
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new TypeError(`unknown option "${unknown}"; known are ${KNOWN.join(', ')}`);
  const { deflate = false } = options;
  if (typeof deflate !== 'boolean') throw new TypeError(`deflate must be true or false, got ${String(deflate)}`);
  const pingInterval = checkNumber('pingInterval', options);
  const pingTimeout = Math.min(checkNumber('pingTimeout', options), pingInterval);
  return {
    origins: checkOrigins(options.origins ?? []),
    protocols: checkProtocols(options.protocols ?? []),
    maxMessageSize: checkNumber('maxMessageSize', options),
    maxQueueSize: checkNumber('maxQueueSize', options),
    pingInterval,
    pingTimeout,
    idleTimeout: checkNumber('idleTimeout', options),
    closeTimeout: checkNumber('closeTimeout', options),
    deflate,
  };
}

/** An origin that a browser could never send would refuse everybody, without a word. */
function checkOrigins(origins: readonly string[] | '*'): readonly string[] | '*' {
  if (origins === '*') return origins;
  const isWrong = (each: unknown) => typeof each !== 'string' || !URL.canParse(each) || new URL(each).origin !== each;
  if (!Array.isArray(origins) || origins.some(isWrong)) {
    throw new TypeError(
      `origins must be "*" or a list of origins such as "https://app.example", got ${JSON.stringify(origins)}`,
    );
  }
  return [...origins];
}

function checkProtocols(protocols: readonly string[]): readonly string[] {
  const isWrong = (each: unknown, i: number) =>
    typeof each !== 'string' || !isToken(each) || protocols.indexOf(each) !== i;
  if (!Array.isArray(protocols) || protocols.some(isWrong)) {
    throw new TypeError(`protocols must be a list of different tokens, got ${JSON.stringify(protocols)}`);
  }
  return [...protocols];
}

function checkNumber(name: NumberOption, options: WebSocketOptions): number {
  const [byDefault, mayBeNone] = NUMBERS[name];
  const value = options[name] ?? byDefault;
  if (value === NONE ? mayBeNone : Number.isSafeInteger(value) && value >= 1 && value <= MAX_31_BITS) return value;
  const none = mayBeNone ? ', or Infinity' : '';
  throw new RangeError(`${name} must be a whole number from 1 to ${MAX_31_BITS}${none}, got ${String(value)}`);
}
