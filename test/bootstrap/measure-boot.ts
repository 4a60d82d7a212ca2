/** Measures what 1,000 routes in 100 controllers cost: boot, and what the checks of decorators add to the compiler. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createApp } from '../../src/index.js';

const CONTROLLERS = 100;
const ROUTES = 10;
const RUNS = 5;
/** Budgets of the issue, in milliseconds. */
const BOOT_MS = 300;
const CHECK_MS = 3_000;

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDER = `${ROOT}test/bootstrap/measured/`;

/** One controller: a service, and ten routes of every kind of parameter. */
function controller(index: number, from: string): string {
  const routes = Array.from(
    { length: ROUTES },
    (_none, i) => `
  @Post('/r${i}/:id')
  @Returns(200, Item)
  r${i}(@Param('id') id: number, @Query('page?') page: number = 1, @Header('x-tags?') tags: string[] = [], @Body(Item) item: Item, @Signal() gone: AbortSignal) {
    return { id: id + page + tags.length, name: item.name, gone: gone.aborted };
  }`,
  );
  return `import { Body, Controller, Header, Param, Post, Query, Returns, Signal } from '${from}';
import { z } from 'zod';
const Item = z.object({ id: z.number(), name: z.string() });
type Item = z.infer<typeof Item>;
export class Service${index} {}
@Controller('/c${index}')
export class Controller${index} {
  constructor(readonly service: Service${index}) {}
${routes.join('\n')}
}
`;
}

/** The decorators without their checks. */
const UNCHECKED = `import * as luminaire from '../../../../src/index.js';
type Any = (...args: any[]) => any;
export const { Body, Controller, Header, Param, Post, Query, Returns, Signal } = luminaire as unknown as Record<string, Any>;
`;

function writeProject(name: string, from: string): string {
  const folder = `${FOLDER}${name}/`;
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < CONTROLLERS; i++) writeFileSync(`${folder}c${i}.ts`, controller(i, from));
  if (name === 'unchecked') writeFileSync(`${folder}unchecked.ts`, UNCHECKED);
  writeFileSync(
    `${folder}tsconfig.json`,
    JSON.stringify({
      extends: `${ROOT}tsconfig.json`,
      compilerOptions: { noUnusedLocals: false },
      include: ['.'],
      exclude: [],
    }),
  );
  return folder;
}

function best(runs: number, measure: () => number): number {
  return Math.min(...Array.from({ length: runs }, measure));
}

function typeCheck(folder: string, compiler: string): number {
  return best(3, () => {
    const start = performance.now();
    execFileSync(process.execPath, [`${ROOT}node_modules/${compiler}/bin/tsc`, '-p', folder]);
    return performance.now() - start;
  });
}

function say(what: string, ms: number, budget: number): void {
  console.log(`${what.padEnd(60)} ${ms.toFixed(0).padStart(6)} ms of ${budget}`);
  if (ms > budget) process.exitCode = 1;
}

rmSync(FOLDER, { recursive: true, force: true });
try {
  const checked = writeProject('checked', '../../../../src/index.js');
  const unchecked = writeProject('unchecked', './unchecked.js');
  const compiled = `${ROOT}dist/test/bootstrap/measured/`;
  const args = ['test/bootstrap/measured/checked', '--out-dir', 'dist', '--quiet'];
  execFileSync(`${ROOT}node_modules/.bin/swc`, args, { cwd: ROOT });
  const startLoading = performance.now();
  const controllers = await Promise.all(
    Array.from(
      { length: CONTROLLERS },
      async (_none, i) => (await import(`${compiled}checked/c${i}.js`))[`Controller${i}`],
    ),
  );
  console.log(
    `${'100 modules loaded (their schemas made)'.padEnd(60)} ${(performance.now() - startLoading).toFixed(0).padStart(6)} ms`,
  );
  // The first run is what a process pays: nothing is compiled yet.
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    const cpu = process.cpuUsage();
    const app = await createApp({ controllers });
    times.push(performance.now() - start);
    const { user, system } = process.cpuUsage(cpu);
    if (run === 0)
      console.log(
        `${'CPU of the first boot, all threads'.padEnd(60)} ${((user + system) / 1000).toFixed(0).padStart(6)} ms`,
      );
    if (app.routes.length !== CONTROLLERS * ROUTES) throw new Error(`${app.routes.length} routes`);
    await app.close();
  }
  say('1,000 routes in 100 controllers booted, the first time', times[0] as number, BOOT_MS);
  say('the best of 5', Math.min(...times), BOOT_MS);
  for (const compiler of ['typescript', 'typescript-5.9']) {
    const bare = typeCheck(unchecked, compiler);
    const full = typeCheck(checked, compiler);
    say(`${compiler}: ${full.toFixed(0)} ms with the checks, ${bare.toFixed(0)} without; more`, full - bare, CHECK_MS);
  }
} finally {
  rmSync(FOLDER, { recursive: true, force: true });
}
