/** Measures what a request costs each server, as a ratio to `node:http` in the same run. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { checkAnswers } from './answers.js';
import { type Arguments, readArguments, USAGE } from './arguments.js';
import { type Contender, needsPackages, scriptOf } from './contenders.js';
import { assertWrk } from './load.js';
import { Unavailable } from './measured-server.js';
import { installPackages } from './packages.js';
import { RATIOS } from './paths.js';
import { profile } from './profile.js';
import { type Figure, type Figures, figuresOf, ratiosOf, regressions, tableOf } from './report.js';
import type { Scenario } from './scenarios.js';

/** The servers that answer `scenario` as they should. Says why one does not. */
async function fitFor(scenario: Scenario, contenders: readonly Contender[]): Promise<readonly Contender[]> {
  const fit: Contender[] = [];
  for (const contender of contenders) {
    if (scenario.without?.includes(contender)) continue;
    try {
      await checkAnswers(scriptOf(contender), scenario);
      fit.push(contender);
    } catch (error) {
      leaveOut(scenario, contender, error);
    }
  }
  return fit;
}

/** Goes on without a server; the run has failed unless the server cannot be had here. */
function leaveOut({ name }: Scenario, contender: Contender, error: unknown): void {
  console.error(`${name}: without ${contender}: ${(error as Error).message}`);
  if (!(error instanceof Unavailable)) process.exitCode = 1;
}

/** Measures again where that failed: a busy machine may keep a server from answering at all for seconds. */
async function measureStubbornly(contender: Contender, scenario: Scenario, seconds: number): Promise<number> {
  const measureOnce = () => scenario.measure(scriptOf(contender), scenario, seconds);
  try {
    return await measureOnce();
  } catch {
    return await measureOnce();
  }
}

/** Rounds interleave the servers: what the machine does beside meets all of them. */
async function measure(scenario: Scenario, args: Arguments): Promise<Partial<Record<Contender, Figure>>> {
  const fit = await fitFor(scenario, args.contenders);
  const measured = new Map<Contender, number[]>(fit.map((contender) => [contender, []]));
  for (let round = 0; round < args.rounds; round++) {
    for (const [contender, values] of measured) {
      try {
        values.push(await measureStubbornly(contender, scenario, args.seconds));
      } catch (error) {
        measured.delete(contender);
        leaveOut(scenario, contender, error);
      }
    }
  }
  return figuresOf(measured);
}

async function measureAll(args: Arguments): Promise<Figures> {
  const figures: Record<string, Partial<Record<Contender, Figure>>> = {};
  for (const scenario of args.scenarios) {
    const row = await measure(scenario, args);
    figures[scenario.name] = row;
    console.error(tableOf(figures, [scenario], args.contenders).split('\n')[2]);
  }
  return figures;
}

function report(figures: Figures, args: Arguments): void {
  const machine = `Node ${process.version}, ${availableParallelism()} x ${cpus()[0]?.model}`;
  const load = loadavg().map((value) => value.toFixed(2));
  console.log(`\n${machine}; ${args.rounds} rounds of ${args.seconds} s; load average ${load.join(', ')}\n`);
  console.log(tableOf(figures, args.scenarios, args.contenders));
  mkdirSync(dirname(args.json), { recursive: true });
  writeFileSync(args.json, `${JSON.stringify({ machine, rounds: args.rounds, figures }, null, 2)}\n`);
}

function compare(figures: Figures, args: Arguments): void {
  const ratios = ratiosOf(figures, args.scenarios);
  const committed = JSON.parse(readFileSync(RATIOS, 'utf8'));
  if (args.isCheck) {
    const worse = regressions(ratios, committed);
    console.log(worse.length === 0 ? '\nNo ratio is more than 15 % over the committed one.' : `\n${worse.join('\n')}`);
    if (worse.length > 0) process.exitCode = 1;
  }
  if (args.writesRatios) writeFileSync(RATIOS, `${JSON.stringify({ ...committed, ...ratios }, null, 2)}\n`);
}

async function profileAll({ scenarios, contenders, seconds }: Arguments): Promise<void> {
  for (const scenario of scenarios) {
    for (const contender of await fitFor(scenario, contenders)) {
      console.log(`\n${contender}, ${await profile(scriptOf(contender), scenario, seconds)}`);
    }
  }
}

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2));
  assertWrk();
  if (args.contenders.some(needsPackages)) installPackages();
  if (args.isProfile) return profileAll(args);
  const figures = await measureAll(args);
  report(figures, args);
  if (args.isCheck || args.writesRatios) compare(figures, args);
}

try {
  await main();
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 1;
}
