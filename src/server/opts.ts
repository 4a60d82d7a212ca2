/** Holds what a Server can be told, with defaults, units and checks. */

import type { Logger } from '../http/logger.js';
import { consoleLogger } from './logger.js';

/** Who sees errors: with `debug` the client does, with `production` the log alone. */
export type Env = 'debug' | 'production';

/** Every option of a Server. Sizes are bytes, times milliseconds. */
export interface ServerOptions {
  /** `debug` shows an unexpected error and its stack to the client, `production` a reference. Default `production`. */
  readonly env?: Env;
  /** Connections that the system queues before they are accepted. Default: the socket's own, 511 for TCP. */
  readonly backlog?: number | undefined;
  /** Where errors and warnings go. Default: lines on standard error. */
  readonly logger?: Logger;
  /**
   * Longest request head accepted, in bytes, request line and final CRLF included.
   * A longer one is answered 431 and the connection closes (RFC 6585 §5). Default 16384.
   */
  readonly maxHeaderSize?: number;
  /** Most field lines in a request head; more are answered 431. Default 100. */
  readonly maxHeadersCount?: number;
  /** Longest request-target, in bytes; a longer one is answered 414 (RFC 9110 §15.5.15). Default 8192. */
  readonly maxTargetSize?: number;
  /** Largest content that is read, in bytes; larger is answered 413 (RFC 9110 §15.5.14). Default 1048576. */
  readonly maxBodySize?: number;
  /** Milliseconds from the first byte of a head to its last, or 408. Default 10000. */
  readonly headersTimeout?: number;
  /** Milliseconds from the first byte of a request to the last of its content, or 408. Default 60000. */
  readonly requestTimeout?: number;
  /** Milliseconds a persistent connection may be idle between requests. Default 75000. */
  readonly keepAliveTimeout?: number;
  /** Milliseconds a client may take nothing of what was written before it is cut off. Default 30000. */
  readonly writeTimeout?: number;
  /** Connections served at one time; one more is answered 503 and closed. Default: no limit. */
  readonly maxConnections?: number;
  /** Requests served on one connection before it is closed. Default: no limit. */
  readonly maxRequestsPerConnection?: number;
  /** Requests of one connection of HTTP/2 that are served at one time; more are refused, to be sent again. Default 100. */
  readonly maxConcurrentStreams?: number;
  /** Milliseconds that `close()` waits for running requests before it cuts them off. Default 10000. */
  readonly shutdownTimeout?: number;
  /**
   * Milliseconds that `close()` serves on, saying that it drains, each answer with `Connection: close`: as long as a load
   * balancer takes to look at `health` and send its clients elsewhere. Default 0.
   */
  readonly drainDelay?: number;
  /**
   * Processes that serve the same socket, each running the script of this one, which then supervises them; `auto` is as
   * many as the machine runs at one time. Default: none, this process serves.
   */
  readonly workers?: number | 'auto' | undefined;
  /** Milliseconds in which a worker must listen, or it is killed. Default 60000. */
  readonly workerStartTimeout?: number;
  /**
   * Milliseconds for which the event loop of a worker may stand still before it is killed and replaced; whole seconds are
   * told apart. Default 30000; `Infinity` lets a debugger stop it for longer.
   */
  readonly workerHangTimeout?: number;
}

/** Options that count something, with their default and least value. */
const NUMBERS = {
  maxHeaderSize: [16_384, 64],
  maxHeadersCount: [100, 1],
  maxTargetSize: [8_192, 1],
  maxBodySize: [1_048_576, 0],
  headersTimeout: [10_000, 1],
  requestTimeout: [60_000, 1],
  keepAliveTimeout: [75_000, 1],
  writeTimeout: [30_000, 1],
  maxConnections: [Number.POSITIVE_INFINITY, 1],
  maxRequestsPerConnection: [Number.POSITIVE_INFINITY, 1],
  maxConcurrentStreams: [100, 1],
  shutdownTimeout: [10_000, 0],
  drainDelay: [0, 0],
  workerStartTimeout: [60_000, 1],
  workerHangTimeout: [30_000, 1],
} as const;

type NumberOption = keyof typeof NUMBERS;

const KNOWN: ReadonlySet<string> = new Set(['env', 'backlog', 'logger', ...Object.keys(NUMBERS), 'workers']);

/** Checked options, every default filled in. `setEnv`, `setBacklog` and `setWorkers` are meant for the time before `listen`. */
export class Opts implements ServerOptions {
  env: Env;
  backlog: number | undefined;
  workers: number | 'auto' | undefined;
  readonly logger: Logger;
  readonly maxHeaderSize: number;
  readonly maxHeadersCount: number;
  readonly maxTargetSize: number;
  readonly maxBodySize: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  readonly writeTimeout: number;
  readonly maxConnections: number;
  readonly maxRequestsPerConnection: number;
  readonly maxConcurrentStreams: number;
  readonly shutdownTimeout: number;
  readonly drainDelay: number;
  readonly workerStartTimeout: number;
  readonly workerHangTimeout: number;

  private constructor(options: ServerOptions) {
    const unknown = Object.keys(options).find((name) => !KNOWN.has(name));
    if (unknown !== undefined)
      throw new TypeError(`Opts: unknown option "${unknown}"; known are ${[...KNOWN].join(', ')}`);
    this.env = checkEnv(options.env ?? 'production');
    this.backlog = options.backlog === undefined ? undefined : checkBacklog(options.backlog);
    this.workers = options.workers === undefined ? undefined : checkWorkers(options.workers);
    this.logger = options.logger ?? consoleLogger;
    this.maxHeaderSize = checkNumber('maxHeaderSize', options);
    this.maxHeadersCount = checkNumber('maxHeadersCount', options);
    this.maxTargetSize = checkNumber('maxTargetSize', options);
    this.maxBodySize = checkNumber('maxBodySize', options);
    this.headersTimeout = checkNumber('headersTimeout', options);
    this.requestTimeout = checkNumber('requestTimeout', options);
    this.keepAliveTimeout = checkNumber('keepAliveTimeout', options);
    this.writeTimeout = checkNumber('writeTimeout', options);
    this.maxConnections = checkNumber('maxConnections', options);
    this.maxRequestsPerConnection = checkNumber('maxRequestsPerConnection', options);
    this.maxConcurrentStreams = checkNumber('maxConcurrentStreams', options);
    this.shutdownTimeout = checkNumber('shutdownTimeout', options);
    this.drainDelay = checkNumber('drainDelay', options);
    this.workerStartTimeout = checkNumber('workerStartTimeout', options);
    this.workerHangTimeout = checkNumber('workerHangTimeout', options);
  }

  /** Makes options. @throws TypeError or RangeError naming an option that is unknown or out of range. */
  static new(options: ServerOptions = {}): Opts {
    return options instanceof Opts ? options : new Opts(options);
  }

  /** Sets `backlog`. @throws RangeError for what is no whole number. */
  setBacklog(backlog: number): this {
    this.backlog = checkBacklog(backlog);
    return this;
  }

  /** Sets `workers`. @throws RangeError for what is no count of processes. */
  setWorkers(workers: number | 'auto'): this {
    this.workers = checkWorkers(workers);
    return this;
  }

  /** Sets `env`. @throws TypeError for what is neither. */
  setEnv(env: Env): this {
    this.env = checkEnv(env);
    return this;
  }
}

function checkEnv(env: Env): Env {
  if (env !== 'debug' && env !== 'production') {
    throw new TypeError(`Opts: env must be "debug" or "production", got ${JSON.stringify(env)}`);
  }
  return env;
}

function checkBacklog(backlog: number): number {
  if (!Number.isSafeInteger(backlog) || backlog < 1) {
    throw new RangeError(`Opts: backlog must be a whole number from 1, got ${backlog}`);
  }
  return backlog;
}

function checkWorkers(workers: number | 'auto'): number | 'auto' {
  if (workers !== 'auto' && !(Number.isSafeInteger(workers) && workers >= 1)) {
    throw new RangeError(`Opts: workers must be a whole number from 1, or "auto", got ${workers}`);
  }
  return workers;
}

function checkNumber(name: NumberOption, options: ServerOptions): number {
  const [byDefault, least] = NUMBERS[name];
  const value = options[name] ?? byDefault;
  if (!(Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY) || value < least) {
    throw new RangeError(`Opts: ${name} must be a whole number from ${least}, got ${value}`);
  }
  return value;
}
