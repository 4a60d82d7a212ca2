/** Has 2,000 clients follow one topic, and looks at what they get beside clients that do not read. */

import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { clientSockets, describe, type Figures, MIB } from './figures.js';
import { SoakedServer } from './soaked-server.js';
import { Failure, get, headOf, Wire } from './wire.js';

const CLIENTS = 2_000;
/** What runs warm before memory is looked at. */
const WARM_UP = 100;
const MESSAGES = 100;
const SMALL = 200;
/** A hundred of these are more than the system holds for a client that does not read: some 4 MB on loopback. */
const LARGE = 64 * 1024;
const STUCK = 20;
const DEADLINE_MS = 60_000;
/** Long enough for the server to cut off whoever takes nothing: `writeTimeout`, and then some. */
const CUT_OFF_MS = 36_000;
const LEAVE_MS = 3_000;
const KIB = 1024;
/** Connections made at a time, below the queue of the system. */
const BATCH = 250;

/** The end of each message says which it is: then all before it has come. */
const MARK = /#(\d+)#/g;
const MARK_LENGTH = 12;

/** One event source that keeps nothing but how far it has come. */
class Follower {
  readonly socket: Socket;
  readonly errors: string[] = [];
  next = 0;
  #tail = '';

  private constructor(socket: Socket, first: number) {
    this.socket = socket;
    this.next = first;
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => this.#take(piece));
    socket.on('close', () => this.errors.push('the connection was closed'));
    socket.on('error', () => {});
  }

  /** Resolves when the stream is open: all that is published from then on must come, from the message `first` on. */
  static async start(port: number, first: number, isReading = true): Promise<Follower> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    socket.write(get('/topic'));
    await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    if (!isReading) socket.pause();
    return new Follower(socket, first);
  }

  #take(piece: string): void {
    const text = this.#tail + piece;
    let end = 0;
    for (const mark of text.matchAll(MARK)) {
      if (Number(mark[1]) !== this.next) this.errors.push(`${mark[1]} came for ${this.next}`);
      this.next = Number(mark[1]) + 1;
      end = mark.index + mark[0].length;
    }
    this.#tail = text.slice(Math.max(end, text.length - MARK_LENGTH));
  }
}

async function followAll(port: number, count: number, first: number): Promise<Follower[]> {
  const followers: Follower[] = [];
  while (followers.length < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - followers.length) }, () => Follower.start(port, first));
    followers.push(...(await Promise.all(batch)));
  }
  return followers;
}

/** What the server says of its topic. */
interface TopicFigures {
  readonly size: number;
  readonly dropped: number;
}

/** One connection that publishes and asks. */
class Publisher {
  readonly #wire: Wire;
  next = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Publishes one message of `size` bytes. */
  async publish(size: number): Promise<void> {
    const content = `#${this.next++}#`.padStart(size, 'x');
    this.#wire.send(headOf('POST', '/topic', `Content-Length: ${content.length}`) + content);
    const { status } = await this.#wire.response();
    if (status !== 204) throw new Failure(`status ${status}`);
  }

  async figures(): Promise<TopicFigures> {
    this.#wire.send(get('/topic/figures'));
    return JSON.parse((await this.#wire.response()).content.toString()) as TopicFigures;
  }

  leave(): void {
    this.#wire.leave();
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const startedAt = Date.now(); !holds(); await wait(1)) {
    if (Date.now() - startedAt > DEADLINE_MS) throw new Failure(`waited in vain until ${what}`);
  }
}

/** Publishes {@link MESSAGES}. `isPaced`: each once everybody has the one before. */
async function publishAll(publisher: Publisher, followers: readonly Follower[], size: number, isPaced: boolean) {
  const startedAt = performance.now();
  const everyone = () => until(() => followers.every(({ next }) => next >= publisher.next), 'everybody had all');
  for (let i = 0; i < MESSAGES; i++) {
    await publisher.publish(size);
    if (isPaced) await everyone();
  }
  await everyone();
  const ms = performance.now() - startedAt;
  const perSecond = (MESSAGES * followers.length * 1_000) / ms;
  console.log(
    `${MESSAGES} messages of ${size} bytes to ${followers.length}: ${ms.toFixed(0)} ms, ${perSecond.toFixed(0)} events/s`,
  );
}

function perClient(with_: Figures, without: Figures): string {
  const kib = (part: 'rssBytes' | 'usedBytes') => ((with_[part] - without[part]) / CLIENTS / KIB).toFixed(1);
  return `${kib('rssBytes')} KiB resident a client, ${kib('usedBytes')} KiB of live objects`;
}

/** Resolves with whether all got all in order, and those that do not read were let go of, unnoticed. */
export async function events(): Promise<boolean> {
  const server = await SoakedServer.start();
  const found: string[] = [];
  try {
    const publisher = new Publisher(await Wire.connect(server.port));
    const warmUp = await followAll(server.port, WARM_UP, publisher.next);
    await publishAll(publisher, warmUp, SMALL, false);
    for (const { socket } of warmUp) socket.destroy();
    await wait(LEAVE_MS);
    const start = await server.figures();
    console.log(`start: ${describe(start)}`);

    const followers = await followAll(server.port, CLIENTS, publisher.next);
    const open = await server.figures();
    console.log(`${CLIENTS} follow: ${describe(open)}: ${perClient(open, start)}`);
    await publishAll(publisher, followers, SMALL, false);
    const sent = await server.figures();
    console.log(`after them: ${describe(sent)}: ${perClient(sent, start)}`);

    const stuck: Follower[] = [];
    for (let i = 0; i < STUCK; i++) stuck.push(await Follower.start(server.port, publisher.next, false));
    const before = await publisher.figures();
    await publishAll(publisher, followers, LARGE, true);
    const after = await publisher.figures();
    const full = await server.figures();
    console.log(`with ${STUCK} that do not read: ${describe(full)}`);
    console.log(
      `followed by ${before.size} before and ${after.size} after, ${after.dropped - before.dropped} let go of`,
    );
    if (before.size !== CLIENTS + STUCK) found.push(`${before.size} followed for ${CLIENTS + STUCK}`);
    if (after.size !== CLIENTS) found.push(`${after.size} followed after for ${CLIENTS}`);
    if (after.dropped - before.dropped !== STUCK) found.push(`${after.dropped - before.dropped} were let go of`);
    await wait(CUT_OFF_MS);
    const cutOff = await server.figures();
    console.log(`after ${CUT_OFF_MS / 1_000} s: ${describe(cutOff)}`);
    if (clientSockets(cutOff) > CLIENTS + 1) found.push('clients that do not read still have a connection');
    await publishAll(publisher, followers, SMALL, false);

    for (const { errors } of followers) found.push(...errors);
    for (const { socket } of [...followers, ...stuck]) socket.destroy();
    await wait(LEAVE_MS);
    const end = await server.figures();
    const { size } = await publisher.figures();
    console.log(`end: ${describe(end)}, followed by ${size}`);
    if (size > 0) found.push(`${size} still follow`);
    if (clientSockets(end) > 1) found.push(`${clientSockets(end) - 1} sockets are still held`);
    if (end.usedBytes - start.usedBytes > 8 * MIB) found.push('the memory did not come back');
    for (const [message, n] of Object.entries(end.logged)) found.push(`the server logged ${n} x "${message}"`);
    publisher.leave();
    console.log(found.length === 0 ? 'events: nothing found' : `events:\n  ${found.join('\n  ')}`);
    return found.length === 0;
  } finally {
    server.stop();
  }
}
