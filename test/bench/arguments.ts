/** Reads the command line of the benchmark. */

import { parseArgs } from 'node:util';
import { ALL, type Contender, isContender, OURS, REFERENCE } from './contenders.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

export interface Arguments {
  readonly scenarios: readonly Scenario[];
  /** The reference is always among them, and first. */
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  readonly seconds: number;
  /** Where the figures go as JSON. */
  readonly json: string;
  readonly isCheck: boolean;
  readonly writesRatios: boolean;
  readonly isProfile: boolean;
}

export const USAGE = `npm run bench -- [options]

  --only a,b       scenarios: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --servers a,b    servers: ${ALL.join(', ')}
  --rounds n       default 5
  --seconds n      of load a measurement, default 3
  --json file      where the figures go, default .cache/bench.json
  --check          fails where a ratio is more than 15 % over test/bench/ratios.json
  --write-ratios   writes test/bench/ratios.json
  --profile        shows where the servers spend their time, instead of measuring
`;

/** @throws Error for what is not known. */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      servers: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      json: { type: 'string', default: '.cache/bench.json' },
      check: { type: 'boolean', default: false },
      'write-ratios': { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const byDefault = values.check || values['write-ratios'] ? OURS : ALL;
  return {
    scenarios: values.only === undefined ? SCENARIOS : values.only.split(',').map(scenarioNamed),
    contenders: contendersOf(values.servers?.split(',') ?? byDefault, values.profile),
    rounds: countOf('rounds', values.rounds),
    seconds: countOf('seconds', values.seconds),
    json: values.json,
    isCheck: values.check,
    writesRatios: values['write-ratios'],
    isProfile: values.profile,
  };
}

function scenarioNamed(name: string): Scenario {
  const scenario = SCENARIOS.find((known) => known.name === name);
  if (scenario === undefined) throw new Error(`--only: there is no scenario "${name}"`);
  return scenario;
}

function contendersOf(names: readonly string[], isProfile: boolean): readonly Contender[] {
  const unknown = names.find((name) => !isContender(name));
  if (unknown !== undefined) throw new Error(`--servers: there is no server "${unknown}"`);
  const chosen = names.filter(isContender);
  return isProfile ? chosen : [REFERENCE, ...chosen.filter((name) => name !== REFERENCE)];
}

function countOf(option: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`--${option}: expected a whole number from 1, got "${value}"`);
  return Number(value);
}
