/** Gives one stream of requests to this Server and to node:http, and tells what each made of it. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import type { HttpError } from '../../src/http/http-error.js';
import type { Request } from '../../src/http/request.js';
import type { Response } from '../../src/http/response.js';
import { REJECTIONS } from '../../src/protocol/rejection.js';
import { Server } from '../../src/server/server.js';
import { MemorySocket } from '../../src/sockets/memory.js';
import { type Answer, readAnswers } from './answers.js';
import type { RequestStream } from './messages.js';
import type { SeenMessage, Verdict } from './reference.js';

/** What a server made of a stream. */
export interface Outcome {
  /** The requests that its handler saw. */
  readonly messages: readonly SeenMessage[];
  readonly verdict: Verdict;
  /** Why it refused what followed: a name of REJECTIONS here, an error code of llhttp there, or a status. */
  readonly refusal: string | undefined;
  /** How many requests it answered with success. */
  readonly answered: number;
  /** What it did that no server may do. */
  readonly fault: string | undefined;
}

/** A stream in progress at one of the servers. */
class Exchange {
  readonly messages: SeenMessage[] = [];
  readonly reads: boolean;
  readonly serverEnd: Duplex;
  refusal: string | undefined = undefined;
  output = '';
  isClosed = false;
  readonly #clientEnd: Duplex;

  constructor(reads: boolean, progress: Progress) {
    this.reads = reads;
    [this.#clientEnd, this.serverEnd] = duplexPair({ allowHalfOpen: true });
    this.#clientEnd.on('error', () => {});
    this.#clientEnd.on('data', (chunk: Buffer) => {
      progress.count++;
      this.output += chunk.toString('latin1');
    });
    const close = () => {
      progress.count++;
      this.isClosed = true;
    };
    this.#clientEnd.on('end', close);
    this.serverEnd.on('close', close);
  }

  send(segment: Buffer): void {
    if (!this.#clientEnd.destroyed) this.#clientEnd.write(segment);
  }

  end(): void {
    if (!this.#clientEnd.destroyed) this.#clientEnd.end();
  }

  destroy(): void {
    this.#clientEnd.destroy();
    this.serverEnd.destroy();
  }
}

/** Counts what has happened, so that it can be seen when nothing more does. */
interface Progress {
  count: number;
}

/** Turns of the event loop without progress after which there will be none: every step takes one turn, or two. */
const IDLE_TURNS = 5;

export class Peers {
  readonly #progress: Progress = { count: 0 };
  readonly #exchanges = new WeakMap<Duplex, Exchange>();
  readonly #luminaire = this.#makeLuminaire();
  readonly #node = this.#makeNode();

  /** Serves `streams` beside one another at both servers. */
  async serve(streams: readonly RequestStream[]): Promise<(readonly [luminaire: Outcome, node: Outcome])[]> {
    const pairs = streams.map(({ reads }) => [this.#open(reads), this.#open(reads)] as const);
    for (const [ours, theirs] of pairs) {
      void this.#luminaire._tick(ours.serverEnd);
      this.#node.emit('connection', theirs.serverEnd);
    }
    const segments = streams.map(segmentsOf);
    const most = Math.max(...segments.map(({ length }) => length));
    for (let n = 0; n < most; n++) {
      for (const [i, pair] of pairs.entries()) {
        const segment = segments[i]?.[n];
        if (segment !== undefined) for (const exchange of pair) exchange.send(segment);
      }
      await this.#settle(1);
    }
    await this.#settle(IDLE_TURNS);
    const outcomes = pairs.map(([ours, theirs]) => [outcomeHere(ours), outcomeThere(theirs)] as const);
    const faults = await this.#endAll(pairs.map(([ours]) => ours));
    for (const exchange of pairs.flat()) exchange.destroy();
    await this.#settle(1);
    return outcomes.map(([ours, theirs], i) => [{ ...ours, fault: ours.fault ?? faults[i] }, theirs]);
  }

  /** The end of the stream brings no further request, and always the end of the connection. */
  async #endAll(exchanges: readonly Exchange[]): Promise<(string | undefined)[]> {
    const counts = exchanges.map(({ messages }) => messages.length);
    for (const exchange of exchanges) exchange.end();
    await this.#settle(IDLE_TURNS);
    return exchanges.map(({ isClosed, messages }, i) => {
      if (!isClosed) return 'The connection stays open after its client has ended';
      return messages.length === counts[i] ? undefined : 'The end of the stream made a request';
    });
  }

  async #settle(idleTurns: number): Promise<void> {
    for (let idle = 0; idle < idleTurns; ) {
      const { count } = this.#progress;
      await new Promise((resolve) => setImmediate(resolve));
      idle = this.#progress.count === count ? idle + 1 : 0;
    }
  }

  #open(reads: boolean): Exchange {
    const exchange = new Exchange(reads, this.#progress);
    this.#exchanges.set(exchange.serverEnd, exchange);
    return exchange;
  }

  #record(socket: Duplex, method: string, target: string): readonly [Exchange, SeenMessage] {
    const exchange = this.#exchanges.get(socket);
    if (exchange === undefined) throw new Error('A request came on an unknown socket');
    const message: SeenMessage = { method, target, content: undefined };
    exchange.messages.push(message);
    this.#progress.count++;
    return [exchange, message];
  }

  #makeLuminaire(): Server {
    const silent = { info() {}, warn() {}, error: (_entry: unknown, text: string) => fail(text) };
    const server = Server.newWith(new MemorySocket(), { logger: silent as never });
    const answerAfterContent = async (exchange: Exchange, message: SeenMessage, req: Request, res: Response) => {
      const bytes = await req.bytes().catch((error: HttpError) => {
        exchange.refusal = NAMES.get(error.message) ?? String(error.status);
        throw error;
      });
      message.content = bytes.toString('latin1');
      this.#progress.count++;
      res.send();
    };
    return server.use((req, res) => {
      const [exchange, message] = this.#record(req.socket, req.method, req.url.raw);
      // What follows a CONNECT is no content of it.
      if (req.hasContent && req.method !== 'CONNECT' && exchange.reads)
        return answerAfterContent(exchange, message, req, res);
      message.content = '';
      res.send();
      return undefined;
    });
  }

  /** A server of node:http that decides as little as it can: what it cannot let pass is left to its parser. */
  #makeNode() {
    const server = createServer((req, res) => this.#serveAtNode(req, res));
    server.timeout = server.keepAliveTimeout = server.headersTimeout = server.requestTimeout = 0;
    server.on('clientError', (error: Error & { code?: string }, socket: Duplex) => {
      const exchange = this.#exchanges.get(socket);
      if (exchange !== undefined) exchange.refusal ??= error.code ?? error.message;
      socket.destroy();
    });
    server.on('connect', (req: IncomingMessage, socket: Duplex) => {
      const [, message] = this.#record(socket, req.method ?? '', req.url ?? '');
      message.content = '';
      // Once it is a tunnel, nobody else listens.
      socket.on('error', () => {});
      socket.end('HTTP/1.1 200 OK\r\n\r\n');
    });
    server.on('checkExpectation', (req: IncomingMessage, res: ServerResponse) => {
      const exchange = this.#exchanges.get(req.socket);
      if (exchange !== undefined) exchange.refusal ??= '417';
      res.writeHead(417, { Connection: 'close', 'Content-Length': 0 }).end();
    });
    return server;
  }

  /** Listens where the parser hands its pieces over: an error behind a request takes from its stream what was in it. */
  #serveAtNode(req: IncomingMessage, res: ServerResponse): void {
    const [exchange, message] = this.#record(req.socket, req.method ?? '', req.url ?? '');
    let content = '';
    const push = req.push.bind(req);
    req.push = (piece: Buffer | null) => {
      this.#progress.count++;
      if (piece === null) message.content = exchange.reads ? content : '';
      else content += piece.toString('latin1');
      return push(piece);
    };
    req.on('error', () => {});
    // Without a length node:http closes after each answer to HTTP/1.0.
    const answer = () => res.writeHead(200, { 'Content-Length': 0 }).end();
    if (!exchange.reads) {
      message.content = '';
      answer();
      return;
    }
    req.on('end', () => {
      this.#progress.count++;
      answer();
    });
    req.resume();
  }
}

function fail(text: string): never {
  throw new Error(text);
}

function segmentsOf({ wire, cuts }: RequestStream): Buffer[] {
  const bytes = Buffer.from(wire, 'latin1');
  const offsets = [0, ...cuts, bytes.length];
  return offsets
    .slice(1)
    .map((end, i) => bytes.subarray(offsets[i], end))
    .filter(({ length }) => length > 0);
}

function outcomeOf(exchange: Exchange, refusal: string | undefined, fault?: string): Outcome {
  const verdict = refusal !== undefined ? 'refused' : exchange.isClosed ? 'closed' : 'open';
  const answered = exchange.output.match(/HTTP\/1\.1 200 /g)?.length ?? 0;
  return { messages: exchange.messages.map((message) => ({ ...message })), verdict, refusal, answered, fault };
}

const NAMES = new Map<string, string>(Object.entries(REJECTIONS).map(([name, { detail }]) => [detail, name]));

/** Every answer is a 200, but one more than there are complete requests, which says why nothing else is answered. */
function outcomeHere(exchange: Exchange): Outcome {
  const { messages, output, isClosed } = exchange;
  const read = readAnswers(
    output,
    messages.map(({ method }) => method),
  );
  if (typeof read === 'string') return outcomeOf(exchange, undefined, read);
  const complete = messages.filter(({ content }) => content !== undefined).length;
  const statuses = read.map(({ status }) => status);
  const isInOrder = statuses.slice(0, complete).every((status) => status === 200);
  if (!isInOrder || read.length < complete || read.length > complete + 1) {
    return outcomeOf(exchange, undefined, `${complete} requests got ${statuses.join(', ')}`);
  }
  const last = read[complete];
  if (last === undefined) return outcomeOf(exchange, undefined);
  const isRefusal = last.status >= 400 && isClosed;
  return outcomeOf(
    exchange,
    exchange.refusal ?? refusalOf(last),
    isRefusal ? undefined : `A ${last.status} left the connection open`,
  );
}

function refusalOf({ status, content }: Answer): string {
  if (content === '') return String(status);
  return NAMES.get((JSON.parse(content) as { detail: string }).detail) ?? String(status);
}

/** The error of the parser, or a status where node:http refuses by itself. */
function outcomeThere(exchange: Exchange): Outcome {
  return outcomeOf(exchange, exchange.refusal ?? /HTTP\/1\.1 ([45][0-9]{2})/.exec(exchange.output)?.[1]);
}
