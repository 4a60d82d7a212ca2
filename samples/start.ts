/** Starts the sample that the command line names: `npm start`, or `npm start -- NAME`. */

import { existsSync, readdirSync } from 'node:fs';
import { type AppOptions, bootstrap } from 'luminaire';
import { addressFromEnv } from './address.js';

/** What the `app.ts` of a sample exports. */
interface Sample {
  readonly options: AppOptions;
  /** Where it listens unless `HOST` says otherwise. Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string;
  /** Says what there is to do with it, once it is served at `url`. */
  readonly describe?: (url: string) => string;
}

const FIRST = 'hello';
const names = readdirSync(new URL('.', import.meta.url))
  .filter((name) => existsSync(new URL(`${name}/app.js`, import.meta.url)))
  .sort();
const [name = FIRST] = process.argv.slice(2);

if (names.includes(name)) {
  try {
    const { options, host, describe } = (await import(new URL(`${name}/app.js`, import.meta.url).href)) as Sample;
    const app = await bootstrap({ ...options, ...addressFromEnv(host) });
    console.log(`${name} serves ${app.url}`);
    if (describe !== undefined) console.log(describe(app.url));
  } catch (error) {
    stop(explain(error));
  }
} else {
  stop(`There is no sample "${name}"; there are ${names.join(', ')}.`);
}

function stop(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

/** A mistake of whoever starts the sample in one line; a fault of the sample with its stack. */
function explain(error: unknown): string {
  const { code, port, message, stack } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is in use: choose another with PORT=8081 npm start`;
  if (code === 'EACCES')
    return `Port ${port} needs rights that this user lacks: choose another with PORT=8081 npm start`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `HOST is no address of this machine: ${message}`;
  return /^[A-Z_]+ must /.test(message) ? message : (stack ?? String(error));
}
