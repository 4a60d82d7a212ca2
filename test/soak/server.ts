/** The application under load, in a process of its own: it answers questions about itself over IPC. */

import { setTimeout as wait } from 'node:timers/promises';
import { Topic } from '../../src/http/events/topic.js';
import type { Logger } from '../../src/http/logger.js';
import { compress } from '../../src/middleware/compress.js';
import { files } from '../../src/middleware/files.js';
import { Server } from '../../src/server/server.js';
import { type Ask, type Figures, MIB, type Tell } from './figures.js';
import { PATTERN } from './pattern.js';

const DOWNLOAD = PATTERN.subarray(0, MIB);
const LARGE = Buffer.alloc(10 * MIB, DOWNLOAD);
/** Made from bytes, so that it is whole in memory from the start. */
const LARGE_TEXT = Buffer.alloc(10 * MIB, 'x').toString('latin1');
const PIECE = PATTERN.subarray(0, 16_384);

/** What the server has logged, by message: none of it is a client's doing. */
const logged = new Map<string, number>();
const count = (_fields: object, message: string): void => {
  logged.set(message, (logged.get(message) ?? 0) + 1);
};
const logger: Logger = {
  error: (fields, message) => {
    count(fields, message);
    process.stderr.write(`${message}: ${(fields as { err?: Error }).err?.stack}\n`);
  },
  warn: count,
  info: count,
};

let requests = 0;
/** The requests that asked to be remembered, in the order in which their handler was called. */
const seen: string[] = [];

const server = Server.new({ logger, ...JSON.parse(process.argv[2] ?? '{}') });
server.use((req, res, next) => {
  requests++;
  return next(req, res);
});

if (process.env.SOAK_FOLDER !== undefined) {
  server.use(compress({ types: () => true })).use(files(process.env.SOAK_FOLDER, { prefix: '/files' }));
}

server.get('/hello', (_req, res) => void res.send('Hello world!'));
server.get('/number/:n', (req, res) => void res.send(req.params.n));
server.get('/later/:ms', async (req, res) => {
  await wait(Number(req.params.ms));
  res.send('Later');
});
server.post('/echo', async (req, res) => void res.send(await req.bytes()));
server.put('/count', async (req, res) => {
  let bytes = 0;
  for await (const piece of req.stream) bytes += piece.length;
  res.send(String(bytes));
});
server.post('/mirror', (req, res) => res.stream(req.stream));
server.post('/ignore', (_req, res) => void res.send('Ignored'));
server.get('/download', (_req, res) => void res.send(DOWNLOAD));
server.get('/large', (_req, res) => void res.send(LARGE));
server.get('/large-text', (_req, res) => void res.send(LARGE_TEXT));
server.get('/large-stream', (_req, res) => res.stream(pieces(640, 0)));
server.get('/stream/:pieces', (req, res) => res.stream(pieces(Number(req.params.pieces), 1)));
server.get('/endless', (_req, res) => res.stream(pieces(Number.POSITIVE_INFINITY, 0)));
let produced = 0;
server.get('/produced', (_req, res) => void res.send(String(produced)));
server.get('/produced/:bytes', (req, res) => res.stream(produce(Number(req.params.bytes))));
server.get('/events', (_req, res) => {
  const events = res.events();
  let id = 0;
  const timer = setInterval(() => void events.send({ id: String(++id), data: { id } }), 10);
  events.onGone(() => clearInterval(timer));
});

const topic = new Topic<string>();

/** As an `@Sse` method does it. */
async function* follow(lastEventId: string | undefined, signal: AbortSignal) {
  yield* topic.subscribe({ lastEventId, signal });
}

server.get('/topic', (req, res) => res.events().sendAll(follow(req.headers.get('last-event-id'), req.signal)));
server.post('/topic', async (req) => void (await topic.publish(await req.text())));
server.get('/topic/figures', (_req, res) => void res.json({ size: topic.size, dropped: topic.dropped }));

// The drain: each request has a name, so that what was served can be told from what was not.
server.get('/seen/:id/at-once', (req, res) => {
  seen.push(req.params.id as string);
  res.send(req.params.id);
});
server.get('/seen/:id/later', async (req, res) => {
  seen.push(req.params.id as string);
  await wait(Math.random() * 20);
  res.send(req.params.id);
});
server.get('/seen/:id/stream', (req, res) => {
  seen.push(req.params.id as string);
  return res.setContentType('text/plain').stream(letters(req.params.id as string));
});
server.post('/seen/:id/upload', async (req, res) => {
  seen.push(req.params.id as string);
  await req.bytes();
  res.send(req.params.id);
});

async function* pieces(n: number, pauseMs: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < n; i++) {
    if (pauseMs > 0) await wait(pauseMs);
    yield PIECE;
  }
}

async function* produce(bytes: number): AsyncGenerator<Uint8Array> {
  for (produced = 0; produced < bytes; ) {
    produced += PIECE.length;
    yield PIECE;
  }
}

async function* letters(text: string): AsyncGenerator<string> {
  for (const letter of text) {
    await wait(1);
    yield letter;
  }
}

function figures(): Figures {
  // Twice: what finalizers let go of in the first run is collected in the second.
  for (let i = 0; i < 2; i++) globalThis.gc?.();
  const handles: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) handles[name] = (handles[name] ?? 0) + 1;
  const { rss: rssBytes, heapTotal: heapBytes, heapUsed: usedBytes } = process.memoryUsage();
  return { rssBytes, heapBytes, usedBytes, handles, requests, logged: Object.fromEntries(logged) };
}

function tell(answer: Tell): void {
  process.send?.(answer);
}

process.on('message', async (ask: Ask) => {
  if (ask === 'figures') {
    tell({ figures: figures() });
    return;
  }
  const closedAt = process.hrtime.bigint();
  const { destroyed } = await server.close();
  tell({ closed: { closedAt: String(closedAt), destroyed, seen } });
  process.disconnect();
});

// Nobody is left to ask: the process that started this one has ended.
process.on('disconnect', () => process.exit());

await server.setIp('127.0.0.1').listen();
void server.run();
tell({ port: server.port });
