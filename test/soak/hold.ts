/** Holds thousands of clients that want nothing or take nothing, and looks at those that are served beside them. */

import { setTimeout as wait } from 'node:timers/promises';
import { clientSockets, describe, MIB } from './figures.js';
import { SoakedServer } from './soaked-server.js';
import { Failure, get, Wire } from './wire.js';

const IDLE = 5_000;
const SLOW_HEADS = 1_000;
/** What each of the clients that never read has asked for. Together 200, with 10 MiB each. */
const NEVER_READ: Readonly<Record<string, number>> = { '/large': 80, '/large-text': 60, '/large-stream': 60 };
/** Long enough for the server to cut off whoever takes nothing: `writeTimeout`, and then some. */
const HOLD_MS = 36_000;
const BESIDE = 8;
const LEAVE_MS = 3_000;
/** V8 gives the memory of short-lived objects back some ten idle seconds after it has collected: 30 MiB here. */
const SETTLE_MS = 20_000;
const GROWTH_LIMIT = 1.2;
/** Connections made at a time, below the queue of the system. */
const BATCH = 250;

async function connectAll(port: number, count: number): Promise<Wire[]> {
  const wires: Wire[] = [];
  while (wires.length < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - wires.length) }, () => Wire.connect(port));
    wires.push(...(await Promise.all(batch)));
  }
  return wires;
}

/** Requests that are answered one after the other, with how long each took. */
class Beside {
  readonly tookMs: number[] = [];
  readonly errors: string[] = [];
  #isOver = false;

  async run(port: number, pauseMs: number): Promise<void> {
    const wire = await Wire.connect(port);
    try {
      while (!this.#isOver) {
        const startedAt = performance.now();
        wire.send(get('/hello'));
        const { status } = await wire.response();
        if (status !== 200) throw new Failure(`status ${status}`);
        this.tookMs.push(performance.now() - startedAt);
        if (pauseMs > 0) await wait(pauseMs);
      }
    } catch (error) {
      this.errors.push(String(error));
    } finally {
      wire.leave();
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  describe(): string {
    const sorted = this.tookMs.toSorted((a, b) => a - b);
    const at = (share: number) => `${(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(1)} ms`;
    return `${sorted.length} answered, median ${at(0.5)}, 99 % ${at(0.99)}, longest ${at(1)}, errors ${this.errors.length}`;
  }
}

/** A connection that was answered once and stays. */
async function becomeIdle(wires: readonly Wire[]): Promise<void> {
  for (const wire of wires) wire.send(get('/hello'));
  for (const wire of wires) {
    await wire.response();
    wire.socket.unref();
  }
}

/** Sends one byte a second on each of `wires`. The server is to answer 408 and close. */
function sendSlowly(wires: readonly Wire[]): NodeJS.Timeout {
  const head = get('/hello', '1.1', `X: ${'x'.repeat(1_000)}`);
  let i = 0;
  return setInterval(() => {
    for (const wire of wires) if (!wire.hasEnded) wire.send(head.charAt(i));
    i++;
  }, 1_000);
}

/** Resolves with whether everyone beside was served, and the memory came back. */
export async function hold(): Promise<boolean> {
  const server = await SoakedServer.start();
  try {
    console.log(`cold: ${describe(await server.figures())}`);
    const warmUp = new Beside();
    const warming = Array.from({ length: BESIDE }, () => warmUp.run(server.port, 0));
    await wait(5_000);
    warmUp.stop();
    await Promise.all(warming);
    await wait(1_000);
    const start = await server.figures();
    console.log(`start: ${describe(start)}; alone: ${warmUp.describe()}`);

    const beside = new Beside();
    const served = Array.from({ length: BESIDE }, () => beside.run(server.port, 5));
    const idle = await connectAll(server.port, IDLE);
    await becomeIdle(idle);
    console.log(`${IDLE} idle: ${describe(await server.figures())}`);
    const slow = await connectAll(server.port, SLOW_HEADS);
    const slowTimer = sendSlowly(slow);
    const never: Wire[] = [];
    for (const [path, count] of Object.entries(NEVER_READ)) {
      const wires = await connectAll(server.port, count);
      for (const wire of wires) {
        wire.socket.pause();
        wire.send(get(path));
      }
      never.push(...wires);
    }
    await wait(4_000);
    const full = await server.figures();
    console.log(`with ${SLOW_HEADS} slow heads and ${never.length} that never read: ${describe(full)}`);
    await wait(HOLD_MS);
    clearInterval(slowTimer);
    const cutOff = await server.figures();
    console.log(`after ${HOLD_MS / 1_000} s: ${describe(cutOff)}`);
    const timedOut = (await Promise.all(slow.map(async (wire) => (await wire.response()).status === 408))).filter(
      Boolean,
    );
    const open = idle.filter((wire) => !wire.hasEnded);
    console.log(`beside them: ${beside.describe()}`);
    console.log(`${timedOut.length} slow heads got 408, ${open.length} idle connections are still open`);
    beside.stop();
    await Promise.all(served);
    for (const wire of [...idle, ...slow, ...never]) wire.leave();
    await wait(LEAVE_MS);
    console.log(`just left: ${describe(await server.figures())}`);
    await wait(SETTLE_MS);
    const end = await server.figures();
    const ratio = end.rssBytes / start.rssBytes;
    console.log(`end: ${describe(end)}: ${(ratio * 100).toFixed(0)} % of the start`);

    const found = [...beside.errors];
    if (clientSockets(full) < IDLE + SLOW_HEADS) found.push(`only ${clientSockets(full)} clients were held`);
    if (full.rssBytes - start.rssBytes > 256 * MIB) found.push('the clients took more than 256 MiB');
    if (clientSockets(cutOff) > IDLE + BESIDE) found.push('clients that take nothing were not cut off');
    if (timedOut.length < SLOW_HEADS) found.push(`${SLOW_HEADS - timedOut.length} slow heads were not answered 408`);
    if (open.length < IDLE) found.push(`${IDLE - open.length} idle connections were closed`);
    if (clientSockets(end) > 0) found.push(`${clientSockets(end)} sockets are still held`);
    if (ratio > GROWTH_LIMIT) found.push('the memory did not come back');
    for (const [message, n] of Object.entries(end.logged)) found.push(`the server logged ${n} x "${message}"`);
    console.log(found.length === 0 ? 'hold: nothing found' : `hold:\n  ${found.join('\n  ')}`);
    return found.length === 0;
  } finally {
    server.stop();
  }
}
