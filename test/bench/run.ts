/** Measures the CPU that a request costs the server, as a ratio to `node:http` in the same run. */

import { fileURLToPath } from 'node:url';
import { type Load, putLoad } from './load.js';
import { MeasuredServer } from './measured-server.js';

const PEER = 'node-http';
const SERVERS = [PEER, 'luminaire-server', 'luminaire'];
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 3);
const SERVER_CORE = 0;
const LOAD_CORE = 1;

const pipeline = fileURLToPath(new URL('../../../test/bench/pipeline.lua', import.meta.url));
const SCENARIOS: Readonly<Record<string, Load>> = {
  hello: { path: '/', connections: 64, seconds: SECONDS },
  '16 pipelined': { path: '/', connections: 64, seconds: SECONDS, script: pipeline },
};

/** CPU microseconds a request, of a server started for this measurement alone. */
async function measure(server: string, load: Load): Promise<number> {
  const running = await MeasuredServer.start(
    fileURLToPath(new URL(`servers/${server}.js`, import.meta.url)),
    SERVER_CORE,
  );
  try {
    await putLoad(running.port, LOAD_CORE, { ...load, seconds: 1 });
    const before = running.cpuMicroseconds();
    const requests = await putLoad(running.port, LOAD_CORE, load);
    return (running.cpuMicroseconds() - before) / requests;
  } finally {
    await running.stop();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}

console.log(`| scenario | server | CPU µs a request | ratio to ${PEER} |\n| --- | --- | --- | --- |`);
for (const [scenario, load] of Object.entries(SCENARIOS)) {
  const costs = new Map<string, number[]>(SERVERS.map((server) => [server, []]));
  // Rounds interleave the servers: what the machine does beside meets all of them.
  for (let round = 0; round < ROUNDS; round++) {
    for (const server of SERVERS) costs.get(server)?.push(await measure(server, load));
  }
  const peer = median(costs.get(PEER) ?? []);
  for (const [server, values] of costs) {
    const cost = median(values);
    console.log(`| ${scenario} | ${server} | ${cost.toFixed(2)} | ${(cost / peer).toFixed(2)} |`);
  }
}
