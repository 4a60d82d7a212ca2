/** Closes the server under load, again and again, and looks for a request that was lost. */

import { setTimeout as wait } from 'node:timers/promises';
import type { Closed } from './figures.js';
import { SoakedServer } from './soaked-server.js';
import { get, headOf, Wire } from './wire.js';

/**
 * What holds for each request, where *sent* means that the last byte of it is with the kernel, and *the close* is the
 * call of `close()`; both are times of one clock.
 *
 * 1. Sent before the close, it is answered whole. The one exception is in rule 3.
 * 2. Not answered whole, not a byte of an answer has come and its handler was never called: it can be sent again.
 * 3. Pipelined behind an answer that said `Connection: close`, it may stay unanswered (RFC 9112 §9.6).
 * 4. A connection that was accepted ends by a FIN, never by a reset. One that was made after the close may be refused, or
 *    reset by the system before it is accepted, which is the same to its client.
 * 5. Nothing has to be destroyed.
 */
const CONNECTIONS = 64;
const LOAD_MS = 400;

interface Sent {
  readonly id: string;
  readonly sentAt: bigint;
  isAnswered: boolean;
  /** The connection was reset before an answer had come on it. */
  isReset: boolean;
  /** An answer before it on its connection said that nothing after it is served. */
  isBehindClose: boolean;
}

type Kind = (run: Run, index: number) => Promise<void>;

/** The requests of one run. */
class Run {
  readonly port: number;
  readonly sent: Sent[] = [];
  readonly problems: string[] = [];
  refused = 0;
  isOver = false;
  readonly #answered = new WeakSet<Wire>();
  #next = 0;

  constructor(port: number) {
    this.port = port;
  }

  newId(): string {
    return `r${++this.#next}`;
  }

  /** Sends `bytes`, which complete the request `ids`. */
  send(wire: Wire, bytes: string, ids: readonly string[]): Sent[] {
    wire.send(bytes);
    // The kernel has it all when the stream holds nothing back; the load is small enough for that to be so.
    const sentAt = wire.socket.writableLength === 0 ? process.hrtime.bigint() : NEVER;
    const sent = ids.map((id) => ({ id, sentAt, isAnswered: false, isReset: false, isBehindClose: false }));
    this.sent.push(...sent);
    return sent;
  }

  /** Reads the answers to `sent`. False once the connection is closing. */
  async answers(wire: Wire, sent: readonly Sent[]): Promise<boolean> {
    for (const [i, request] of sent.entries()) {
      try {
        const { status, head, content } = await wire.response();
        request.isAnswered = status === 200 && content.toString('latin1') === request.id;
        if (!request.isAnswered) this.problems.push(`${request.id} got ${status} ${content.toString('latin1', 0, 80)}`);
        this.#answered.add(wire);
        if (/\r\nconnection: close\r\n/i.test(head)) {
          for (const later of sent.slice(i + 1)) later.isBehindClose = true;
          return false;
        }
      } catch {
        if (wire.pending > 0) this.problems.push(`${request.id} got part of an answer`);
        if (wire.error !== undefined && this.#answered.has(wire))
          this.problems.push(`${request.id} met ${wire.error.code} on a connection that was served`);
        request.isReset = wire.error !== undefined;
        return false;
      }
    }
    return true;
  }
}

const NEVER = 2n ** 63n;

/** One request after the other on a connection that stays open. */
const keepAlive =
  (how: string): Kind =>
  async (run) => {
    const wire = await Wire.connect(run.port);
    for (;;) {
      const id = run.newId();
      const sent = run.send(wire, get(`/seen/${id}/${how}`), [id]);
      if (!(await run.answers(wire, sent))) break;
      if (Math.random() < 0.1) await wait(Math.random() * 10);
    }
    wire.leave();
  };

/** A connection for each request. */
const oneEach: Kind = async (run) => {
  while (!run.isOver) {
    const wire = await Wire.connect(run.port).catch(() => undefined);
    if (wire === undefined) {
      run.refused++;
      return;
    }
    const id = run.newId();
    await run.answers(wire, run.send(wire, get(`/seen/${id}/at-once`), [id]));
    wire.leave();
  }
};

/** Eight requests in one write. */
const pipelined: Kind = async (run, index) => {
  const wire = await Wire.connect(run.port);
  for (;;) {
    const ids = Array.from({ length: 8 }, () => run.newId());
    const bytes = ids.map((id, i) => get(`/seen/${id}/${(i + index) % 3 === 0 ? 'later' : 'at-once'}`)).join('');
    if (!(await run.answers(wire, run.send(wire, bytes, ids)))) break;
  }
  wire.leave();
};

/** Content that comes in pieces, with pauses between. */
const upload: Kind = async (run) => {
  const wire = await Wire.connect(run.port);
  for (;;) {
    const id = run.newId();
    wire.send(headOf('POST', `/seen/${id}/upload`, 'Content-Length: 30'));
    await wait(2);
    wire.send('x'.repeat(20));
    await wait(2);
    if (!(await run.answers(wire, run.send(wire, 'x'.repeat(10), [id])))) break;
  }
  wire.leave();
};

const KINDS: readonly Kind[] = [
  keepAlive('at-once'),
  keepAlive('later'),
  keepAlive('stream'),
  oneEach,
  pipelined,
  upload,
  keepAlive('at-once'),
  oneEach,
];

/** Judges one run by the rules above. */
function problemsOf(run: Run, closed: Closed): string[] {
  const closedAt = BigInt(closed.closedAt);
  const seen = new Set(closed.seen);
  const problems = [...run.problems];
  for (const { id, sentAt, isAnswered, isBehindClose } of run.sent) {
    if (isAnswered) continue;
    if (sentAt < closedAt && !isBehindClose)
      problems.push(`${id}, sent ${(closedAt - sentAt) / 1000n} µs before the close, was not answered`);
    if (seen.has(id)) problems.push(`${id} was served and not answered`);
  }
  if (run.sent.every(({ sentAt }) => sentAt >= closedAt))
    problems.push('nothing was sent before the close: the clocks of the processes differ, so nothing can be said');
  if (closed.destroyed > 0) problems.push(`${closed.destroyed} connections had to be destroyed`);
  return problems;
}

async function closeUnderLoad(number: number): Promise<boolean> {
  const server = await SoakedServer.start();
  try {
    const run = new Run(server.port);
    const load = Array.from({ length: CONNECTIONS }, (_, i) => (KINDS[i % KINDS.length] as Kind)(run, i));
    // Clients still run when the close comes; it meets them wherever they are.
    await wait(LOAD_MS + Math.random() * 100);
    const startedAt = performance.now();
    const closed = await server.close();
    const tookMs = performance.now() - startedAt;
    run.isOver = true;
    await Promise.all(load);
    const problems = problemsOf(run, closed);
    const before = run.sent.filter(({ sentAt }) => sentAt < BigInt(closed.closedAt));
    const unanswered = run.sent.filter(({ isAnswered }) => !isAnswered);
    const behind = unanswered.filter(({ isBehindClose }) => isBehindClose);
    const reset = unanswered.filter(({ isReset }) => isReset);
    console.log(
      `run ${number}: ${run.sent.length} requests, ${before.length} sent before the close; ${unanswered.length} not ` +
        `answered and never served (${behind.length} behind Connection: close), ${run.refused + reset.length} connections ` +
        `refused; closed in ${tookMs.toFixed(0)} ms: ${problems.length === 0 ? 'nothing lost' : 'LOST'}`,
    );
    for (const problem of problems.slice(0, 10)) console.log(`  ${problem}`);
    return problems.length === 0;
  } finally {
    server.stop();
  }
}

/** Runs it `runs` times. Resolves with whether no request was lost in any. */
export async function drain(runs: number): Promise<boolean> {
  let good = 0;
  for (let i = 1; i <= runs; i++) if (await closeUnderLoad(i)) good++;
  console.log(`drain: ${good} of ${runs} lost no request`);
  return good === runs;
}
