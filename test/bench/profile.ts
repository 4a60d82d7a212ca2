/** Shows where a server spends its time: the functions with most time of their own. */

import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putLoad } from './load.js';
import { MeasuredServer } from './measured-server.js';
import type { Scenario } from './scenarios.js';

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

const LINES = 30;

/** Profiles one server under the load of `scenario`, start included; the file stays for a viewer. */
export async function profile(script: string, scenario: Scenario, seconds: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-profile-'));
  const server = await MeasuredServer.start(script, scenario.part, ['--cpu-prof', '--cpu-prof-dir', folder]);
  const { request, isPipelined = false } = scenario;
  const { requests } = await putLoad(server.port, { request, isPipelined, connections: 64, seconds });
  await server.exit();
  const file = join(folder, readdirSync(folder)[0] ?? '');
  const [lines, busy] = topOf(JSON.parse(readFileSync(file, 'utf8')), requests);
  return [`${scenario.name}: ${requests} requests, ${busy.toFixed(2)} µs each, ${file}`, ...lines].join('\n');
}

/** Microseconds a request and the share of all, a line a function, and the microseconds in all. */
function topOf({ nodes, samples, timeDeltas }: CpuProfile, requests: number): [lines: string[], busy: number] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const own = new Map<string, number>();
  for (const [i, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    own.set(name, (own.get(name) ?? 0) + (timeDeltas[i] ?? 0));
  }
  own.delete('(idle)');
  const busy = [...own.values()].reduce((sum, time) => sum + time, 0);
  const lines = [...own]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, LINES)
    .map(
      ([name, time]) =>
        `${(time / requests).toFixed(3).padStart(8)} µs ${((time / busy) * 100).toFixed(1).padStart(5)} %  ${name}`,
    );
  return [lines, busy / requests];
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name}  ${url.replace(/^.*\/(dist|node_modules)\//, '')}:${lineNumber + 1}`;
}
