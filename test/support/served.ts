/** Starts servers for one test each, and closes them with it. */

import { onTestFinished, vi } from 'vitest';
import type { Request } from '../../src/http/request.js';
import type { ServerOptions } from '../../src/server/opts.js';
import { Server } from '../../src/server/server.js';
import { MemorySocket } from '../../src/sockets/memory.js';
import { RawClient } from './raw-client.js';

/** What a server can stand on in a test. */
export const TRANSPORTS = ['tcp', 'memory'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** One entry of the log. */
export interface LogEntry {
  readonly level: 'error' | 'warn' | 'info';
  readonly message: string;
  readonly fields: { readonly [name: string]: unknown };
}

/** A server that listens. */
export interface Served {
  readonly server: Server;
  readonly log: LogEntry[];
  /** What `run` gave: resolves once the server is closed. */
  readonly running: Promise<void>;
  connect(): Promise<RawClient>;
  /** Sends `bytes`, ends the sending side, gives all that comes back. */
  exchange(bytes: string | Uint8Array): Promise<string>;
}

/** Listens on a free port or in memory, after `configure` has added routes. */
export async function serve(
  configure: (server: Server) => void,
  options: ServerOptions = {},
  transport: Transport = 'memory',
): Promise<Served> {
  const log: LogEntry[] = [];
  const memory = new MemorySocket();
  const allOptions = { logger: loggerInto(log), ...options };
  const server = transport === 'tcp' ? Server.new(allOptions) : Server.newWith(memory, allOptions);
  configure(server);
  await server.setIp('127.0.0.1').listen();
  const running = server.run();
  const clients: RawClient[] = [];
  onTestFinished(async () => {
    vi.useRealTimers();
    for (const client of clients) client.destroy();
    await server.close({ timeout: 0 });
    await running;
  });
  const connect = async () => {
    const client = transport === 'tcp' ? await RawClient.tcp(server.port) : RawClient.over(memory.connect());
    clients.push(client);
    return client;
  };
  return {
    server,
    log,
    running,
    connect,
    async exchange(bytes) {
      const client = await connect();
      client.send(bytes);
      await client.end();
      return client.all();
    },
  };
}

/** A logger that keeps what it is told. */
export function loggerInto(log: LogEntry[]): NonNullable<ServerOptions['logger']> {
  const entry = (level: LogEntry['level']) => (fields: object, message: string) => {
    log.push({ level, message, fields: { ...fields } });
  };
  return { error: entry('error'), warn: entry('warn'), info: entry('info') };
}

/** A request without content, as bytes. Each field is a line. */
export function request(line: string, ...fields: string[]): string {
  return [`${line} HTTP/1.1`, 'Host: h', ...fields, '', ''].join('\r\n');
}

/** A request with content, as bytes. */
export function requestWith(content: string, line: string, ...fields: string[]): string {
  return request(line, ...fields, `Content-Length: ${content.length}`) + content;
}

/** The bytes of a response: its date is `-`, as `undated` leaves it. */
export function response(status: string, fields: readonly string[], content = ''): string {
  return [`HTTP/1.1 ${status}`, 'Date: -', ...fields, '', content].join('\r\n');
}

/** The bytes of a text response on a connection that stays open. */
export function text(content: string): string {
  return response('200 OK', ['Content-Type: text/plain; charset=utf-8', `Content-Length: ${content.length}`], content);
}

/** The bytes of a text response after which the connection closes. */
export function lastText(content: string): string {
  return response(
    '200 OK',
    ['Content-Type: text/plain; charset=utf-8', `Content-Length: ${content.length}`, 'Connection: close'],
    content,
  );
}

/** The bytes of a problem document. `isLast`: the connection closes after it. */
export function problem(
  status: string,
  members: Readonly<Record<string, unknown>>,
  { isLast = false, fields = [] as readonly string[] } = {},
): string {
  const content = JSON.stringify({ title: status.slice(4), status: Number.parseInt(status, 10), ...members });
  const closing = isLast ? ['Connection: close'] : [];
  return response(
    status,
    ['Content-Type: application/problem+json', ...fields, `Content-Length: ${Buffer.byteLength(content)}`, ...closing],
    content,
  );
}

/** What `look` finds on the request that `bytes` are: a POST to what matches `path`. */
export async function seen<T>(bytes: string, look: (req: Request) => T | Promise<T>, path = '/*rest'): Promise<T> {
  let found: { value: T } | undefined;
  const { exchange, log } = await serve((server) =>
    server.post(path, async (req) => {
      found = { value: await look(req) };
    }),
  );
  const answer = await exchange(bytes);
  if (found === undefined) throw new Error(`${answer} ${JSON.stringify(log)}`);
  return found.value;
}

/** Replaces what differs from run to run: dates, and the references of errors by one as long. */
export function undated(bytes: string): string {
  return bytes
    .replace(/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r$/gm, 'Date: -\r')
    .replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, REF);
}

/** Stands for any reference in what `undated` gives. */
export const REF = '********-****-****-****-************';

/** Fakes the timers and the clock; streams and immediates go on. */
export function fakeTime(): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** Lets everything happen that waits for no timer and no network. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets `ms` of faked time pass, and what follows from it happen. */
export async function pass(ms: number): Promise<void> {
  await settled();
  await vi.advanceTimersByTimeAsync(ms);
  await settled();
}

/** The clock that no test fakes: what is waited for may come from another process, on a busy machine. */
const now = performance.now.bind(performance);
const PATIENCE_MS = 20_000;

/** Waits until `holds`, turn by turn of the event loop. */
export async function eventually(holds: () => boolean, what: string): Promise<void> {
  for (const deadline = now() + PATIENCE_MS; !holds(); ) {
    if (now() > deadline) throw new Error(`Waited in vain until ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
