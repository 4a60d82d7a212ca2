/** Holds mixed load for minutes and looks for errors, and for memory or handles that do not come back. */

import { setTimeout as wait } from 'node:timers/promises';
import { CLIENTS, type Client } from './clients.js';
import { clientSockets, describe, type Figures, MIB } from './figures.js';
import { SoakedServer } from './soaked-server.js';
import { Failure } from './wire.js';

/** Clients of each kind at one time. */
const CLIENTS_EACH = 4;
/** Load before the first figures: code is compiled, heaps have grown to what the load needs. */
const WARM_UP_MS = 30_000;
/** The end of the last connection that the server lets linger, and then some. */
const LEAVE_MS = 4_000;
/** V8 gives the memory of short-lived objects back some ten idle seconds after it has collected. */
const SETTLE_MS = 15_000;
/** How much more memory than at the start may be resident at the end: what an allocator keeps, not a leak. */
const GROWTH_LIMIT = 1.2;

class Tally {
  answered = 0;
  readonly bouts = new Map<string, number>();
  readonly errors = new Map<string, number>();

  add(kind: string, answered: number): void {
    this.answered += answered;
    this.bouts.set(kind, (this.bouts.get(kind) ?? 0) + 1);
  }

  fail(kind: string, error: unknown): void {
    const name = `${kind}: ${error instanceof Failure ? error.kind : String(error)}`;
    if (!this.errors.has(name)) console.log(`first of its kind: ${kind}: ${error}`);
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
  }
}

/** Loads the server for `ms` milliseconds; resolves when the last client is done, with the most that was resident. */
async function load(server: SoakedServer, ms: number, tally: Tally): Promise<number> {
  let highest = 0;
  const sampler = setInterval(() => {
    highest = Math.max(highest, server.residentBytes());
  }, 1_000);
  const endsAt = performance.now() + ms;
  const repeat = async (kind: string, client: Client) => {
    while (performance.now() < endsAt && server.isAlive) {
      try {
        const answered = await client(server.port);
        tally.add(kind, answered);
      } catch (error) {
        tally.fail(kind, error);
        await wait(100);
      }
    }
  };
  const kinds = Object.entries(CLIENTS);
  await Promise.all(
    kinds.flatMap(([kind, client]) => Array.from({ length: CLIENTS_EACH }, () => repeat(kind, client))),
  );
  clearInterval(sampler);
  return highest;
}

/** What the server holds once it has nothing to do. */
async function figuresAtRest(server: SoakedServer, tally: Tally, when: string, highest: number): Promise<Figures> {
  await wait(LEAVE_MS);
  await server.figures();
  await wait(SETTLE_MS);
  const figures = await server.figures();
  const errors = [...tally.errors.values()].reduce((sum, n) => sum + n, 0);
  console.log(`${when}: ${describe(figures)}; up to ${(highest / MIB).toFixed(1)} MiB under load; errors ${errors}`);
  return figures;
}

/** What is wrong at the end, one finding a line. */
function findings(start: Figures, end: Figures, tally: Tally): string[] {
  const found = [...tally.errors].map(([kind, n]) => `${n} x ${kind}`);
  for (const [message, n] of Object.entries(end.logged)) found.push(`the server logged ${n} x "${message}"`);
  if (end.rssBytes > start.rssBytes * GROWTH_LIMIT)
    found.push(`RSS grew by ${((end.rssBytes / start.rssBytes - 1) * 100).toFixed(0)} %`);
  if (clientSockets(end) > 0) found.push(`${clientSockets(end)} sockets are still held`);
  for (const [name, n] of Object.entries(end.handles))
    if (n > (start.handles[name] ?? 0)) found.push(`${n} handles ${name}, ${start.handles[name] ?? 0} at the start`);
  return found;
}

/** Resolves with whether nothing was found. */
export async function mixed(minutes: number): Promise<boolean> {
  const server = await SoakedServer.start();
  try {
    console.log(`cold: ${describe(await server.figures())}`);
    const tally = new Tally();
    const start = await figuresAtRest(server, tally, 'start', await load(server, WARM_UP_MS, tally));
    const half = (minutes * 60_000) / 2;
    await figuresAtRest(server, tally, 'middle', await load(server, half, tally));
    const end = await figuresAtRest(server, tally, 'end', await load(server, half, tally));
    const bouts = [...tally.bouts].map(([kind, n]) => `${kind} ${n}`);
    console.log(`${tally.answered} answers checked; bouts: ${bouts.join(', ')}`);
    const found = findings(start, end, tally);
    console.log(found.length === 0 ? 'errors: none' : `errors:\n  ${found.join('\n  ')}`);
    return found.length === 0;
  } finally {
    server.stop();
  }
}
