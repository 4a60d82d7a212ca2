/** Fuzzes one property by what its inputs make run: an input that reaches something new is kept and built upon. */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BlockCoverage } from './block-coverage.js';
import { makeInput } from './inputs.js';
import type { Property } from './properties.js';
import { Random } from './random.js';
import { failureOf, type PropertyFailure, smallestOf } from './run-properties.js';
import { tamperOctets } from './tamper.js';

export interface CoverageReport {
  readonly executions: number;
  readonly corpus: number;
  /** Blocks of src/ that have run. */
  readonly edges: number;
  /** The same, counted once for each number of bits in how often they ran. */
  readonly features: number;
  readonly failure: PropertyFailure | undefined;
}

export interface CoverageOptions {
  readonly seed: number;
  readonly milliseconds: number;
  /** Where inputs are kept from run to run: a folder of its own for each property. */
  readonly folder: string;
}

/** Inputs run between two looks at what they reached: a look costs 1.9 ms, an input some 0.14 ms. */
const BATCH = 128;
/** Inputs that are looked at one by one. */
const MOST_ALONE = 8;
const MOST_SEEDS = 200;
/** Longer inputs reach little more, and slowly. */
const MAX_SIZE = 4_096;

export async function fuzzByCoverage(property: Property, options: CoverageOptions): Promise<CoverageReport> {
  const random = new Random(options.seed);
  const fuzzing = new Fuzzing(property, join(options.folder, property.name));
  const end = Date.now() + options.milliseconds;
  for (let n = 0; n < MOST_SEEDS; n++) fuzzing.add(makeInput(random));
  while (Date.now() < end && fuzzing.failing === undefined) {
    fuzzing.run(Array.from({ length: BATCH }, () => fuzzing.vary(random)));
    // How often a block runs is seen in one input alone, so some are looked at without a cause.
    for (let n = 0; n < MOST_ALONE; n++) fuzzing.add(fuzzing.vary(random));
  }
  return fuzzing.report(options.seed);
}

class Fuzzing {
  /** The first input for which the property did not hold. */
  failing: Buffer | undefined;
  readonly #property: Property;
  readonly #folder: string;
  readonly #coverage = new BlockCoverage((url) => url.includes('/src/'));
  readonly #corpus: Buffer[] = [];
  /** Blocks that batches have reached. V8 joins neighbours that ran equally often, so a batch has others than an input. */
  readonly #together = new Set<string>();
  readonly #edges = new Set<string>();
  readonly #features = new Set<string>();
  #executions = 0;

  constructor(property: Property, folder: string) {
    this.#property = property;
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) this.add(readFileSync(join(folder, name)));
  }

  /** Runs all together; where they reached a block that no others did, looks for the one that reaches it. */
  run(inputs: readonly Buffer[]): void {
    for (const input of inputs) this.#execute(input);
    if (!learn(this.#together, this.#coverage.take().keys())) return;
    const half = inputs.length >> 1;
    for (const part of [inputs.slice(0, half), inputs.slice(half)]) {
      if (part.length <= MOST_ALONE) for (const input of part) this.add(input);
      else this.run(part);
    }
  }

  /** Keeps `input` where it reaches something new. */
  add(input: Buffer): void {
    this.#execute(input);
    const blocks = this.#coverage.take();
    learn(this.#edges, blocks.keys());
    const features = Array.from(blocks, ([block, bits]) => `${block}:${bits}`);
    if (!learn(this.#features, features)) return;
    this.#corpus.push(input);
    writeFileSync(join(this.#folder, createHash('sha256').update(input).digest('hex').slice(0, 16)), input);
  }

  /** Makes an input out of one or two that were kept. */
  vary(random: Random): Buffer {
    const [one, other] = [this.#pick(random), this.#pick(random)];
    const text = random.oneIn(4)
      ? one.slice(0, random.below(one.length + 1)) + other.slice(random.below(other.length + 1))
      : one;
    return Buffer.from(tamperOctets(text, random, 1 + random.below(4)).slice(0, MAX_SIZE), 'latin1');
  }

  async report(seed: number): Promise<CoverageReport> {
    this.#coverage.stop();
    const { failing } = this;
    const property = this.#property;
    return {
      executions: this.#executions,
      corpus: this.#corpus.length,
      edges: this.#edges.size,
      features: this.#features.size,
      failure: failing && {
        property: property.name,
        seed,
        message: failureOf(property, failing) ?? 'It holds when it is run again',
        smallest: await smallestOf(property, failing),
      },
    };
  }

  #pick(random: Random): string {
    // What was found last is picked more often: nobody has built upon it yet.
    const recent = Math.max(0, this.#corpus.length - 20);
    const at = random.oneIn(2) ? random.below(this.#corpus.length) : recent + random.below(20);
    return (this.#corpus[Math.min(at, this.#corpus.length - 1)] ?? Buffer.alloc(0)).toString('latin1');
  }

  #execute(input: Buffer): void {
    this.#executions++;
    if (failureOf(this.#property, input) !== undefined) this.failing ??= input;
  }
}

/** Whether `found` has something that is not among `known`, where it then is. */
function learn(known: Set<string>, found: Iterable<string>): boolean {
  const { size } = known;
  for (const each of found) known.add(each);
  return known.size > size;
}
