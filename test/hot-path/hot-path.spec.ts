import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { compiled } from '../support/compiled.js';

// What keeps a request cheap, as far as it can be told without a clock.

interface Findings {
  readonly sameRequestShape: boolean;
  readonly sameResponseShape: boolean;
  readonly writesPerBatch: number;
  readonly bytesPerRequest: number;
}

/** Measured on Node 20: 940 bytes, parser, request, response, stream and one middleware together; 15 % above that. */
const MAX_BYTES_PER_REQUEST = 1_080;

const run = promisify(execFile);
let found: Findings;
/** How often each function was deoptimised once the server was warm, 100,000 requests long. */
const deoptimised = new Map<string, number>();

beforeAll(async () => {
  const flags = ['--allow-natives-syntax', '--expose-gc', '--trace-deopt', '--min-semi-space-size=128'];
  const probe = fileURLToPath(new URL('probe.mjs', import.meta.url));
  const { stdout } = await run(
    process.execPath,
    [...flags, '--max-semi-space-size=128', probe, join(await compiled(), 'dist/src')],
    {
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const [, warm = ''] = stdout.split(/^warm\n/m);
  for (const [, name = ''] of warm.matchAll(/^\[bailout .*?<JSFunction ([^\s>]+)/gm)) {
    deoptimised.set(name, (deoptimised.get(name) ?? 0) + 1);
  }
  found = JSON.parse(/^findings (.*)$/m.exec(warm)?.[1] as string) as Findings;
}, 120_000);

it('gives two requests the same hidden class, and two responses', () => {
  expect(found).toMatchObject({ sameRequestShape: true, sameResponseShape: true });
});

it('writes the answers to 16 pipelined requests at once', () => {
  expect(found.writesPerBatch).toBe(1);
});

it(`allocates at most ${MAX_BYTES_PER_REQUEST} bytes a request`, () => {
  expect(found.bytesPerRequest).toBeGreaterThan(0);
  expect(found.bytesPerRequest).toBeLessThan(MAX_BYTES_PER_REQUEST);
});

// Once or twice a function learns late what it will meet; a function whose optimised code never holds is the fault.
it('deoptimises no function again and again', () => {
  expect([...deoptimised].filter(([, times]) => times > 3)).toEqual([]);
});
