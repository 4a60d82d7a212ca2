/** Downloads what is larger than the memory that it may take, and then does not read. */

import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MIB } from './figures.js';
import { SoakedServer } from './soaked-server.js';
import { get } from './wire.js';

const SIZE = 2_048 * MIB;
/** A gzip of noise takes a second for 30 MiB. */
const ENCODED_SIZE = 256 * MIB;
/** Over that of the idle server. */
const GROWTH_LIMIT = 40 * MIB;
/** What the two ends of a connection hold, as the system sizes them, is the client's and the kernel's. */
const STALLED_LIMIT = 16 * MIB;
const SAMPLE_MS = 50;
const STALL_MS = 5_000;

interface Download {
  readonly what: string;
  readonly target: string;
  /** Something small of the same kind. */
  readonly warmUp: string;
  readonly fields: readonly string[];
  /** Bytes of content, where that is not encoded. */
  readonly size: number | undefined;
}

const DOWNLOADS: readonly Download[] = [
  {
    what: '2 GiB from a handler that streams',
    target: `/produced/${SIZE}`,
    warmUp: '/produced/65536',
    fields: [],
    size: SIZE,
  },
  { what: '2 GiB from a file', target: '/files/large.bin', warmUp: '/files/small.txt', fields: [], size: SIZE },
  {
    what: '256 MiB from a handler that streams, through gzip',
    target: `/produced/${ENCODED_SIZE}`,
    warmUp: '/produced/65536',
    fields: ['Accept-Encoding: gzip'],
    size: undefined,
  },
];

/** Receives up to the close, and gives how many bytes of content that was. */
function download(port: number, { target, fields }: Download): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = 0;
    let head: string | undefined = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write(get(target, '1.1', 'Connection: close', ...fields));
    });
    socket.on('data', (piece: Buffer) => {
      received += piece.length;
      if (head === undefined) return;
      head += piece.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      received -= end + 4;
      head = undefined;
    });
    socket.on('end', () => resolve(received));
    socket.on('error', reject);
  });
}

/** The most memory that the server has while `task` runs, over `idleBytes`. */
async function growthDuring(server: SoakedServer, idleBytes: number, task: Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = task.finally(() => {
    isOver = true;
  });
  let peak = 0;
  while (!isOver) {
    peak = Math.max(peak, server.residentBytes());
    await Promise.race([wait(SAMPLE_MS), over]);
  }
  return peak - idleBytes;
}

/** How many bytes the handler has given for a client that reads nothing, once it gives no more. */
async function givenToWhoDoesNotRead(server: SoakedServer): Promise<number> {
  const socket = connect({ port: server.port, host: '127.0.0.1' });
  socket.pause();
  socket.write(get(`/produced/${SIZE}`));
  await wait(STALL_MS);
  const given = await producedBytes(server.port);
  await wait(1_000);
  const later = await producedBytes(server.port);
  socket.destroy();
  return later === given ? given : Number.POSITIVE_INFINITY;
}

async function producedBytes(port: number): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${port}/produced`)).text());
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

/** Resolves with whether everything arrived, and took no more memory than it may. */
export async function downloads(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'luminaire-soak-'));
  writeFileSync(join(folder, 'large.bin'), '');
  // Sparse: it takes no room.
  truncateSync(join(folder, 'large.bin'), SIZE);
  writeFileSync(join(folder, 'small.txt'), 'small');
  const server = await SoakedServer.start({}, { SOAK_FOLDER: folder });
  try {
    const found: string[] = [];
    // What is loaded at the first use is no part of what a download takes.
    for (const one of DOWNLOADS) await download(server.port, { ...one, target: one.warmUp });
    await wait(1_000);
    const { rssBytes: idleBytes } = await server.figures();
    console.log(`idle: RSS ${mib(idleBytes)}`);
    for (const one of DOWNLOADS) {
      const startedAt = performance.now();
      const task = download(server.port, one);
      const growth = await growthDuring(server, idleBytes, task);
      const received = await task;
      const seconds = (performance.now() - startedAt) / 1_000;
      console.log(`${one.what}: ${mib(received)} in ${seconds.toFixed(1)} s, RSS at most ${mib(growth)} over idle`);
      if (growth > GROWTH_LIMIT) found.push(`${one.what} took ${mib(growth)}`);
      if (one.size !== undefined && received < one.size) found.push(`${one.what} ended after ${received} bytes`);
    }
    const stalled = givenToWhoDoesNotRead(server);
    const growth = await growthDuring(server, idleBytes, stalled);
    const given = await stalled;
    console.log(`a client that does not read was given ${mib(given)}, RSS at most ${mib(growth)} over idle`);
    if (given > STALLED_LIMIT) found.push('the handler went on for a client that does not read');
    if (growth > GROWTH_LIMIT) found.push(`a client that does not read took ${mib(growth)}`);
    const { logged } = await server.figures();
    for (const [message, n] of Object.entries(logged)) found.push(`the server logged ${n} x "${message}"`);
    console.log(found.length === 0 ? 'downloads: nothing found' : `downloads:\n  ${found.join('\n  ')}`);
    return found.length === 0;
  } finally {
    server.stop();
    rmSync(folder, { recursive: true });
  }
}
