/** Checks that a server gives the right answer, so that none is fast by being wrong. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request } from './load.js';
import { MeasuredServer } from './measured-server.js';
import { HOST } from './part.js';
import type { Scenario } from './scenarios.js';

/** @throws Error that says what was expected and what came. */
export async function checkAnswers(script: string, scenario: Scenario): Promise<void> {
  const server = await MeasuredServer.start(script, scenario.part);
  try {
    const { request, answer, refused, isPipelined } = scenario;
    const response = await ask(server.port, request);
    expectEqual('status', response.status, answer.status);
    const type = response.headers.get('content-type') ?? '';
    if (!type.startsWith(answer.type)) expectEqual('Content-Type', type, answer.type);
    expectEqual('content', await response.text(), answer.body);
    if (refused !== undefined) {
      const { status } = await ask(server.port, refused);
      if (status < 400 || status > 499) expectEqual('status of what is to be refused', status, 422);
    }
    if (isPipelined) expectEqual('answers to 16 pipelined', await countPipelined(server.port, answer.body), 16);
  } finally {
    await server.stop();
  }
}

function ask(port: number, { method = 'GET', path, headers = {}, body }: Request): Promise<Response> {
  // fetch sets Sec-Fetch-Mode itself.
  return fetch(`http://${HOST}:${port}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
}

function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (found === expected) return;
  const brief = (value: unknown) => JSON.stringify(value)?.slice(0, 200);
  throw new Error(`${what}: expected ${brief(expected)}, got ${brief(found)}`);
}

/** Sends 16 requests in one write, the last of which closes, and counts the answers. */
async function countPipelined(port: number, body: string): Promise<number> {
  const socket = connect(port, HOST);
  let answers = '';
  socket.on('data', (data) => {
    answers += data;
  });
  const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n';
  socket.write(`${`${get}\r\n`.repeat(15)}${get}Connection: close\r\n\r\n`);
  await Promise.race([once(socket, 'close'), sleep(2000)]);
  socket.destroy();
  return answers.split(body).length - 1;
}
