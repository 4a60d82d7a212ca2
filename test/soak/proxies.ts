/** Has clients and proxies that others wrote send 100,000 requests each, and counts what went wrong. */

import { PATTERN } from './pattern.js';
import { type ProxyName, ReverseProxy } from './reverse-proxy.js';
import { SoakedServer } from './soaked-server.js';
import { ab, curl, h2load, installTools, type Outcome, REQUESTS, siege, wrk } from './tools.js';
import { Failure, headOf, Wire } from './wire.js';

const CONNECTIONS = 64;

type Exchange = (wire: Wire) => Promise<void>;

/** Chunks up, the same chunks down. */
const mirror: Exchange = async (wire) => {
  const size = 1 + Math.floor(Math.random() * 400);
  const content = PATTERN.subarray(size, size + 2 * size);
  wire.send(headOf('POST', '/mirror', 'Transfer-Encoding: chunked'));
  for (const piece of [content.subarray(0, size), content.subarray(size)]) {
    wire.send(`${piece.length.toString(16)}\r\n`);
    wire.send(piece);
    wire.send('\r\n');
  }
  wire.send('0\r\n\r\n');
  const answer = await wire.response();
  if (answer.status !== 200 || !answer.content.equals(content)) throw new Failure(`status ${answer.status}`);
};

/** Content that is sent only when 100 has come. */
const continued: Exchange = async (wire) => {
  const content = PATTERN.subarray(0, 1 + Math.floor(Math.random() * 1_000));
  wire.send(headOf('POST', '/echo', `Content-Length: ${content.length}`, 'Expect: 100-continue'));
  const interim = await wire.response();
  if (interim.status !== 100) throw new Failure(`status ${interim.status} for 100`);
  wire.send(content);
  const answer = await wire.response();
  if (answer.status !== 200 || !answer.content.equals(content)) throw new Failure(`status ${answer.status}`);
};

/** `exchange` on 64 connections at a time, until enough was sent. */
async function exchanges(port: number, exchange: Exchange): Promise<Outcome> {
  let requests = 0;
  let errors = 0;
  const client = async () => {
    let wire = await Wire.connect(port);
    while (requests < REQUESTS) {
      requests++;
      try {
        await exchange(wire);
      } catch (error) {
        if (errors++ < 3) console.log(`  ${error}`);
        wire.leave();
        wire = await Wire.connect(port);
      }
    }
    wire.leave();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return { requests, errors };
}

/** What runs against the server itself, and what runs through each proxy. */
function trials(
  port: number,
  proxies: Readonly<Record<ProxyName, ReverseProxy>>,
): readonly [string, () => Promise<Outcome>][] {
  const origin = `http://127.0.0.1:${port}`;
  const hello = `${origin}/hello`;
  return [
    ['h2load --h1', () => h2load(hello)],
    ['h2load --h1, 16 pipelined', () => h2load(hello, 16)],
    ['wrk', () => wrk(hello)],
    ['ab -k', () => ab(hello, '-k')],
    ['ab', () => ab(hello)],
    ['siege', () => siege(hello)],
    ['curl', () => curl(origin)],
    ...Object.entries(proxies).flatMap(([name, proxy]): [string, () => Promise<Outcome>][] => [
      [`${name}, h2load --h1`, () => h2load(`http://127.0.0.1:${proxy.port}/hello`)],
      [`${name}, chunked both ways`, () => exchanges(proxy.port, mirror)],
      [`${name}, 100-continue`, () => exchanges(proxy.port, continued)],
    ]),
  ];
}

/** Resolves with whether there was no error. */
export async function proxies(): Promise<boolean> {
  installTools();
  const server = await SoakedServer.start();
  const started: ReverseProxy[] = [];
  try {
    const nginx = await ReverseProxy.start('nginx', server.port);
    started.push(nginx);
    const haproxy = await ReverseProxy.start('haproxy', server.port);
    started.push(haproxy);
    let isGood = true;
    console.log(`${'what'.padEnd(28)}${'requests'.padStart(10)}${'errors'.padStart(8)}${'seconds'.padStart(9)}`);
    for (const [name, trial] of trials(server.port, { nginx, haproxy })) {
      const startedAt = performance.now();
      const { requests, errors } = await trial();
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      console.log(name.padEnd(28) + String(requests).padStart(10) + String(errors).padStart(8) + seconds.padStart(9));
      if (errors > 0 || requests < REQUESTS) isGood = false;
    }
    const { logged } = await server.figures();
    for (const [message, n] of Object.entries(logged)) console.log(`the server logged ${n} x "${message}"`);
    return isGood && Object.keys(logged).length === 0;
  } finally {
    for (const proxy of started) await proxy.stop();
    server.stop();
  }
}
