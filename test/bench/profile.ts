/** Shows where a server spends its time: the functions with most time of their own. */

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { putLoad } from './load.js';
import { MeasuredServer } from './measured-server.js';
import { WARM_UP_SECONDS } from './measures.js';
import type { CpuProfile } from './probe.js';
import type { Scenario } from './scenarios.js';

type CallFrame = CpuProfile['nodes'][number]['callFrame'];

const LINES = 30;

/** Profiles one server, once warm, under the load of `scenario`; the file stays for a viewer. */
export async function profile(script: string, scenario: Scenario, seconds: number): Promise<string> {
  const server = await MeasuredServer.start(script, scenario.part, true);
  try {
    await putLoad(server.port, { ...scenario, seconds: WARM_UP_SECONDS });
    await server.startProfile();
    const before = server.cpuMicroseconds();
    const { requests } = await putLoad(server.port, { ...scenario, seconds });
    const cost = (server.cpuMicroseconds() - before) / requests;
    const taken = await server.stopProfile();
    const file = join(tmpdir(), `bench-${scenario.name}-${basename(script, '.js')}.cpuprofile`);
    writeFileSync(file, JSON.stringify(taken));
    return [`${scenario.name}: ${cost.toFixed(2)} µs a request, ${file}`, ...topOf(taken, cost)].join('\n');
  } finally {
    await server.stop();
  }
}

/**
 * A line a function: its own microseconds a request, and its share. Samples are counted, not timed: on a busy machine
 * the time between two of them belongs to the neighbours.
 */
function topOf({ nodes, samples = [] }: CpuProfile, cost: number): readonly string[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const counts = new Map<string, number>();
  for (const id of samples) {
    const name = names.get(id) ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  counts.delete('(idle)');
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, LINES)
    .map(([name, count]) => {
      const share = count / all;
      return `${(share * cost).toFixed(3).padStart(9)} µs ${(share * 100).toFixed(1).padStart(5)} %  ${name}`;
    });
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name}  ${url.replace(/^.*\/(dist|node_modules)\//, '')}:${lineNumber + 1}`;
}
