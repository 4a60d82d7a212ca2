/** Starts servers of HTTP/2 for one test each, and their clients. */

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { onTestFinished, vi } from 'vitest';
// Loaded now: the first connection of a test would wait for its compiler.
import '../../src/server/http2/connection.js';
import type { ServerOptions } from '../../src/server/opts.js';
import { Server } from '../../src/server/server.js';
import { TlsSocket } from '../../src/sockets/tls.js';
import type { Certificate } from './certificates.js';
import { FrameClient } from './http2-frames.js';
import { type LogEntry, loggerInto } from './served.js';

export interface ServedHttp2 {
  readonly server: Server;
  readonly log: LogEntry[];
  readonly running: Promise<void>;
  /** A client of node:http2. */
  connect(): ClientHttp2Session;
  /** A client that writes frames itself. */
  frames(settings?: Uint8Array): Promise<FrameClient>;
  /** Sends one request over a connection of its own. */
  ask(headers?: OutgoingHttpHeaders, content?: string | Uint8Array): Promise<Answer>;
}

/** What came back on a stream. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
  readonly trailers: IncomingHttpHeaders;
  /** Interim responses. */
  readonly interim: IncomingHttpHeaders[];
  readonly content: string;
}

/** Listens on a free port, after `configure` has added routes. */
export async function serveHttp2(
  { key, cert }: Certificate,
  configure: (server: Server) => void,
  options: ServerOptions = {},
): Promise<ServedHttp2> {
  const log: LogEntry[] = [];
  const server = Server.newWith(new TlsSocket({ key, cert }), { logger: loggerInto(log), ...options });
  configure(server);
  await server.setIp('127.0.0.1').listen();
  const running = server.run();
  const sessions: { destroy(): void }[] = [];
  onTestFinished(async () => {
    vi.useRealTimers();
    for (const session of sessions) session.destroy();
    await server.close({ timeout: 0 });
    await running;
  });
  const connectTo = () => {
    const session = connect(server.url, { rejectUnauthorized: false });
    session.on('error', () => {});
    sessions.push(session);
    return session;
  };
  return {
    server,
    log,
    running,
    connect: connectTo,
    async frames(settings) {
      const client = await FrameClient.to(server.port, settings);
      sessions.push(client.socket);
      return client;
    },
    async ask(headers = {}, content) {
      const session = connectTo();
      const answer = await answerTo(requestOn(session, headers, content));
      session.close();
      return answer;
    },
  };
}

/** Longest wait in ms: below vitest's own 5000. */
const DEADLINE_MS = 4000;

/** Waits until `holds`, however long the machine takes for the way between two sockets. */
export async function soon(holds: () => boolean, what: string): Promise<void> {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > DEADLINE_MS) throw new Error(`Waited in vain until ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Sends a request; without content it ends at once. */
export function requestOn(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders = {},
  content?: string | Uint8Array,
): ClientHttp2Stream {
  const stream = session.request({ ':path': '/', ...headers }, { endStream: content === undefined });
  stream.on('error', () => {});
  if (content !== undefined) stream.end(content);
  return stream;
}

/** The whole answer. Rejects where the stream is reset before its end. */
export function answerTo(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let headers: Answer['headers'] = {};
    let trailers: IncomingHttpHeaders = {};
    const interim: IncomingHttpHeaders[] = [];
    const pieces: Buffer[] = [];
    stream.on('headers', (fields) => void interim.push(fields));
    stream.on('response', (fields) => {
      headers = fields;
    });
    stream.on('trailers', (fields) => {
      trailers = fields;
    });
    stream.on('data', (piece: Buffer) => void pieces.push(piece));
    stream.on('close', () => {
      if (stream.rstCode !== 0) reject(new Error(`The stream was reset with ${stream.rstCode}`));
      const content = Buffer.concat(pieces).toString();
      resolve({ status: Number(headers[':status']), headers, trailers, interim, content });
    });
  });
}
