/** Measures one server once: CPU, start, memory, latency. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { REFERENCE, scriptOf } from './contenders.js';
import { putLoad } from './load.js';
import { MeasuredServer } from './measured-server.js';
import { HOST } from './part.js';
import { median } from './report.js';
import type { Scenario } from './scenarios.js';

/** Gives one figure of the server in `script`, which is started for it alone. */
export type Measure = (script: string, scenario: Scenario, seconds: number) => Promise<number>;

/** A second is not enough for the slow ones: they are compiled after so many calls, not after so much time. */
export const WARM_UP_SECONDS = 2;
const STARTS = 3;
const KIBIBYTE = 1024;

/** CPU microseconds a request, once warm. */
export const measureCpu: Measure = async (script, scenario, seconds) => {
  const server = await MeasuredServer.start(script, scenario.part);
  try {
    await putLoad(server.port, { ...scenario, seconds: WARM_UP_SECONDS });
    const before = server.cpuMicroseconds();
    const { requests } = await putLoad(server.port, { ...scenario, seconds });
    return (server.cpuMicroseconds() - before) / requests;
  } finally {
    await server.stop();
  }
};

/** Milliseconds from the start of the process until it listens: the median of some starts. */
export const measureBoot: Measure = async (script, { part }) => {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const server = await MeasuredServer.start(script, part);
    times.push(server.startedInMs);
    await server.stop();
  }
  return median(times);
};

/** Mebibytes resident a second after the start. */
export const measureResident: Measure = async (script, { part }) => {
  const server = await MeasuredServer.start(script, part);
  try {
    await sleep(1000);
    return server.residentBytes() / KIBIBYTE ** 2;
  } finally {
    await server.stop();
  }
};

/** The first connections pay for code and for pages that the others share. */
const FIRST_CONNECTIONS = 1000;
const IDLE_CONNECTIONS = 5000;

/** Resident kibibytes that each of 5,000 connections costs once its request was answered and collected. */
export const measureIdle: Measure = async (script, { part, answer }) => {
  const server = await MeasuredServer.start(script, part, true);
  const sockets: Socket[] = [];
  try {
    await openIdle(server.port, FIRST_CONNECTIONS, answer.body, sockets);
    const before = await server.collectedBytes();
    await openIdle(server.port, IDLE_CONNECTIONS, answer.body, sockets);
    const after = await server.collectedBytes();
    const open = sockets.filter((socket) => socket.readyState === 'open').length;
    if (open !== sockets.length) throw new Error(`${sockets.length - open} idle connections were closed`);
    return (after - before) / IDLE_CONNECTIONS / KIBIBYTE;
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.stop();
  }
};

/** Opens connections, some at a time, each of which has had one answer. */
async function openIdle(port: number, count: number, body: string, sockets: Socket[]): Promise<void> {
  const batch = 100;
  for (let i = 0; i < count; i += batch) {
    await Promise.all(
      Array.from({ length: Math.min(batch, count - i) }, async () => {
        const socket = connect(port, HOST);
        socket.on('error', () => {});
        sockets.push(socket);
        socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
        let answer = '';
        while (!answer.endsWith(body)) answer += (await once(socket, 'data'))[0];
      }),
    );
  }
}

/** Enough for a mean pause of some milliseconds, so that whole ones come near it. */
const PACED_CONNECTIONS = 256;

let halfLoad: Promise<number> | undefined;

/** Half of the requests a second that the reference reaches when it does nothing else. */
async function halfOfReference(scenario: Scenario): Promise<number> {
  const server = await MeasuredServer.start(scriptOf(REFERENCE), scenario.part);
  try {
    await putLoad(server.port, { ...scenario, seconds: WARM_UP_SECONDS });
    return (await putLoad(server.port, { ...scenario, seconds: 2 })).requestsPerSecond / 2;
  } finally {
    await server.stop();
  }
}

/**
 * Milliseconds within which 99 % of the answers came, every server under the same load: wrk cannot send at a constant
 * rate, so many connections ask one at a time with random pauses, as users do.
 */
export const measureP99: Measure = async (script, scenario, seconds) => {
  halfLoad ??= halfOfReference(scenario);
  const pauseMs = (PACED_CONNECTIONS / (await halfLoad)) * 1000;
  const load = { request: scenario.request, connections: PACED_CONNECTIONS, pauseMs };
  const server = await MeasuredServer.start(script, scenario.part);
  try {
    await putLoad(server.port, { ...load, seconds: WARM_UP_SECONDS });
    return (await putLoad(server.port, { ...load, seconds })).p99Ms;
  } finally {
    await server.stop();
  }
};
