/** Runs a row against a Server of its own, and tells everything that came of it. */

import { performance } from 'node:perf_hooks';
import { vi } from 'vitest';
import type { Next } from '../../../src/http/handler.js';
import type { Request } from '../../../src/http/request.js';
import type { Response } from '../../../src/http/response.js';
import { Server } from '../../../src/server/server.js';
import { RawClient } from '../../support/raw-client.js';
import { type Received, readResponses } from './responses.js';
import type { After, Row, Way } from './row.js';
import { memory, type Transport } from './transports.js';

/** What came of a row. */
export interface Outcome {
  /** `broken`: the connection did something that no row can want. */
  readonly after: After | 'broken';
  readonly responses: readonly Received[];
  /** Why what was received is not a sequence of responses. */
  readonly problem: string | undefined;
  /** Everything that was received, but for the answer to the probe. */
  readonly bytes: string;
  readonly seen: readonly string[];
  /** The field lines of the first request, as the handler got them. */
  readonly fields: readonly string[];
  /** The messages of logged errors. */
  readonly log: readonly string[];
}

/** Asks whether the connection still answers. */
const PROBE = 'GET /probe HTTP/1.1\r\nHost: probe\r\n\r\n';
const PROBE_ANSWER = 'the connection persists';

/** Most pieces of one part: a byte each would take seconds where a row is long, and show nothing more. */
const MAX_PIECES = 400;
/** A wait that fails is given up after this many ms. */
const PATIENCE_MS = 3_000;

/** Sends what the row says in the given way, then finds out how the connection was left. */
export async function runRow(row: Row, way: Way, transport: Transport = memory): Promise<Outcome> {
  const parts = typeof row.wire === 'string' ? [row.wire] : row.wire;
  const isTimed = parts.some((part) => typeof part === 'number');
  if (isTimed) vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'Date'] });
  const exchange = await Exchange.begin(row, transport);
  try {
    for (const [i, part] of parts.entries()) {
      if (typeof part === 'number') await vi.advanceTimersByTimeAsync(part);
      else await send(exchange.client, piecesOf(part, way));
      if (isTimed || i < parts.length - 1) await settle();
    }
    return await exchange.conclude();
  } finally {
    vi.useRealTimers();
    await exchange.close();
  }
}

/** A server with one client. */
class Exchange {
  readonly client: RawClient;
  readonly #row: Row;
  readonly #server: Server;
  readonly #running: Promise<void>;
  readonly #notes: Notes;

  private constructor(row: Row, server: Server, client: RawClient, running: Promise<void>, notes: Notes) {
    this.#row = row;
    this.#server = server;
    this.client = client;
    this.#running = running;
    this.#notes = notes;
  }

  static async begin(row: Row, transport: Transport): Promise<Exchange> {
    const notes = new Notes(row);
    const { socket, connect } = transport();
    const server = Server.newWith(socket, { logger: notes.logger, ...row.options });
    server.use((req, res, next) => notes.answer(req, res, next));
    if (typeof row.by === 'object') row.by.routes(server);
    else server.get('/known', (_req, res) => void res.send('known'));
    await server.setIp('127.0.0.1').listen();
    const running = server.run();
    return new Exchange(row, server, await connect(), running, notes);
  }

  async close(): Promise<void> {
    this.client.destroy();
    await this.#server.close({ timeout: 0 });
    await this.#running;
  }

  async conclude(): Promise<Outcome> {
    const after = await this.#findOut();
    const { seen, fields, log } = this.#notes;
    const { received } = this.client;
    const bytes = after === 'open' ? received.slice(0, received.lastIndexOf('HTTP/1.1 ')) : received;
    const outcome = { after, bytes, seen, fields, log };
    try {
      const methods = seen.map((request) => request.slice(0, request.indexOf(' ')));
      return { ...outcome, responses: readResponses(bytes, methods), problem: undefined };
    } catch (error) {
      return { ...outcome, responses: [], problem: (error as Error).message };
    }
  }

  async #findOut(): Promise<Outcome['after']> {
    if (this.#row.after === 'waiting') return this.#giveUp();
    if (this.#row.hangsUp === undefined) return this.#probe();
    await this.client.end();
    return (await holdsSoon(() => this.client.closed)) ? 'closed' : 'waiting';
  }

  /** Sends one more request: the connection persists where that is answered. */
  async #probe(): Promise<Outcome['after']> {
    const { client } = this;
    const isAnswered = () => client.received.endsWith(PROBE_ANSWER);
    if (this.#row.after === 'closed' && !(await holdsSoon(() => client.closed))) return 'waiting';
    client.send(PROBE);
    if (this.#row.after === 'open') await holdsSoon(() => client.closed || isAnswered());
    await settle();
    if (isAnswered()) return this.#notes.probes === 1 && !client.closed ? 'open' : 'broken';
    if (this.#notes.probes > 0) return 'broken';
    return client.closed ? 'closed' : 'waiting';
  }

  /** Ends the client's side in the middle of a message: the server closes. */
  async #giveUp(): Promise<Outcome['after']> {
    await settle();
    if (this.client.closed) return 'closed';
    await this.client.end();
    return (await holdsSoon(() => this.client.closed)) ? 'waiting' : 'broken';
  }
}

/** Answers requests and keeps what they were. */
class Notes {
  readonly seen: string[] = [];
  readonly log: string[] = [];
  fields: string[] = [];
  probes = 0;
  readonly logger = {
    error: (_fields: object, message: string): void => void this.log.push(message),
    warn: (): void => {},
    info: (): void => {},
  };
  readonly #row: Row;

  constructor(row: Row) {
    this.#row = row;
  }

  answer(req: Request, res: Response, next: Next): void | Promise<void> {
    if (req.url.path === '/probe') {
      this.probes++;
      res.send(PROBE_ANSWER);
      return;
    }
    const i = this.seen.push(seenAs(req, req.hasContent ? '(unread)' : '')) - 1;
    if (i === 0) this.fields = [...req.headers].map(([name, value]) => `${name}: ${value}`);
    lookAtEverything(req);
    const { by = 'echo' } = this.#row;
    if (by === 'echo') return this.#echo(i, req, res);
    if (by === 'deaf') res.send('deaf');
    else if (typeof by === 'function') {
      return by(req, res, (content) => {
        this.seen[i] = seenAs(req, content);
      }) as void | Promise<void>;
    } else return next(req, res);
  }

  async #echo(i: number, req: Request, res: Response): Promise<void> {
    const seen = seenAs(req, (await req.bytes()).toString('latin1'));
    this.seen[i] = seen;
    res.send(Buffer.from(seen, 'latin1'));
  }
}

function seenAs(req: Request, content: string): string {
  return `${req.method} ${req.url.raw}${content === '' ? '' : ` ${content}`}`;
}

/** Makes every value that a request can make: none may throw (CVE-2026-21710). */
function lookAtEverything(req: Request): void {
  void [...req.url.query, req.url.authority, req.url.search, req.httpVersion, req.remoteAddress, req.hasContent];
  void [req.headers.toJSON(), req.headers.size, req.headers.get('__proto__'), req.headers.getAll('cookie')];
}

async function send(client: RawClient, pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) {
    client.send(piece);
    await turn();
  }
}

function piecesOf(wire: string, way: Way): string[] {
  switch (way) {
    case 'whole':
      return wire === '' ? [] : [wire];
    case 'lines':
      return limited(wire.split(/(?<=\r)(?=\n)|(?<=\r\n)/));
    case 'bytes':
      return limited(Array.from(wire));
    case 'cuts':
      return cutAtRandom(wire);
  }
}

/** Joins neighbours where there are too many pieces; those at both ends stay as they are. */
function limited(pieces: readonly string[]): string[] {
  if (pieces.length <= MAX_PIECES) return [...pieces];
  const edge = MAX_PIECES / 4;
  const middle = pieces.slice(edge, -edge);
  const size = Math.ceil(middle.length / (MAX_PIECES / 2));
  const joined = Array.from({ length: Math.ceil(middle.length / size) }, (_, i) =>
    middle.slice(i * size, (i + 1) * size).join(''),
  );
  return [...pieces.slice(0, edge), ...joined, ...pieces.slice(-edge)];
}

/** Cuts into pieces of 1 to 16 bytes, the same ones for the same text (mulberry32). */
function cutAtRandom(wire: string): string[] {
  let state = wire.length;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const pieces: string[] = [];
  const most = Math.max(16, Math.ceil(wire.length / 200));
  for (let at = 0; at < wire.length; ) {
    const size = 1 + (next() % most);
    pieces.push(wire.slice(at, at + size));
    at += size;
  }
  return pieces;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets everything happen that waits for no timer and no network. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 12; turns++) await turn();
}

async function holdsSoon(holds: () => boolean): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadline) return false;
    await turn();
  }
  return true;
}
