/** Runs the fuzzers for long: `npm run fuzz -- [differential] [properties] [coverage] [options]`. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzByCoverage } from './coverage.js';
import { runDifferential } from './differential.js';
import { EXPLANATIONS } from './explanations.js';
import { PROPERTIES } from './properties.js';
import { type PropertyFailure, runProperties } from './run-properties.js';

const USAGE = `npm run fuzz -- [differential] [properties] [coverage] [options]
  --count n    streams for differential (200000), inputs for properties (1000000)
  --seed n     first seed (1); a failure names the seed that gives it again with --count 1
  --seconds n  time for coverage, shared by the properties (70)
  --only name  one property: ${PROPERTIES.map(({ name }) => name).join(', ')}
  --corpus dir where coverage keeps its inputs (a folder of the system for temporary files)`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '70' },
    only: { type: 'string' },
    corpus: { type: 'string', default: join(tmpdir(), 'luminaire-fuzz') },
    help: { type: 'boolean' },
  },
});

const seed = Number(options.seed);
const properties = PROPERTIES.filter(({ name }) => options.only === undefined || name === options.only);

const FUZZERS: Readonly<Record<string, () => Promise<boolean>>> = {
  async differential() {
    const report = await runDifferential(Number(options.count ?? 200_000), seed);
    console.log(`differential: ${report.streams} streams, ${report.requests} requests, ${report.refused} refused`);
    console.log('| difference | times | right |\n| --- | --- | --- |');
    for (const { id, right } of EXPLANATIONS) console.log(`| ${id} | ${report.explained.get(id) ?? 0} | ${right} |`);
    for (const { seed, kind, description, smallest } of report.failures) {
      console.log(`\nUNEXPLAINED, --seed ${seed} --count 1: ${kind}\n  ${description}\n  ${JSON.stringify(smallest)}`);
    }
    console.log(`${report.failures.length} unexplained`);
    return report.failures.length === 0;
  },
  async properties() {
    const count = Number(options.count ?? 1_000_000);
    const failures = await runProperties(properties, count, seed);
    failures.forEach(tell);
    console.log(`properties: ${count} inputs, each to ${properties.length} properties: ${failures.length} failures`);
    return failures.length === 0;
  },
  async coverage() {
    const milliseconds = (Number(options.seconds) * 1000) / properties.length;
    let holds = true;
    for (const property of properties) {
      const report = await fuzzByCoverage(property, { seed, milliseconds, folder: options.corpus });
      const { executions, corpus, edges, features, failure } = report;
      console.log(`${property.name}: ${executions} executions, corpus ${corpus}, ${edges} edges, ${features} features`);
      if (failure !== undefined) tell(failure);
      holds &&= failure === undefined;
    }
    return holds;
  },
};

/** As a row to add to the spec of what failed. */
function tell({ property, seed, message, smallest }: PropertyFailure): void {
  console.log(`\nFAILED ${property}, --seed ${seed}: ${message}\n  ['${property}', ${smallest}],`);
}

const chosen = positionals.length === 0 ? Object.keys(FUZZERS) : positionals;
if (options.help || properties.length === 0 || chosen.some((name) => !Object.hasOwn(FUZZERS, name))) {
  console.log(USAGE);
  process.exitCode = options.help ? 0 : 1;
} else {
  for (const name of chosen) if (!(await FUZZERS[name]?.())) process.exitCode = 1;
}
