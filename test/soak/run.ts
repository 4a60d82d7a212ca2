/**
 * Runs one soak by name, as `npm run soak -- NAME`:
 *
 * - without a name, mixed load for ten minutes, or `--minutes n`;
 * - `hold`: 5,000 idle connections, 1,000 slow heads and 200 clients that never read, for less than two minutes;
 * - `events`: 2,000 clients that follow one topic, beside 20 that do not read, for some two minutes;
 * - `downloads`: 2 GiB from a handler and from a file, and a client that does not read, for less than a minute;
 * - `todos`: 200 people use the sample for two minutes, and it is killed in between, for some four minutes;
 * - `drain`: `close()` under the load of 64 connections, 20 times, or `--runs n`;
 * - `workers`: a rolling restart under load, 20 times, or `--runs n`, and what two workers carry against one;
 * - `shared-topic`: 1,000 clients, or `--clients n`, of three processes behind haproxy, and Redis is killed in between, for a
 *   minute;
 * - `proxies`: 100,000 requests with each client and through each proxy that others wrote, installed where missing.
 *
 * The exit code is 1 where something was found.
 */

import { parseArgs } from 'node:util';
import { downloads } from './downloads.js';
import { drain } from './drain.js';
import { events } from './events.js';
import { hold } from './hold.js';
import { mixed } from './mixed.js';
import { proxies } from './proxies.js';
import { sharedTopic } from './shared-topic.js';
import { todos } from './todos.js';
import { workers } from './workers.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** How long the mixed load lasts. */
    minutes: { type: 'string', default: '10' },
    /** How many times the server is closed, or restarted, under load. */
    runs: { type: 'string', default: '20' },
    /** How many follow the shared topic. */
    clients: { type: 'string', default: '1000' },
  },
});

const SOAKS: Readonly<Record<string, () => Promise<boolean>>> = {
  mixed: () => mixed(Number(values.minutes)),
  hold,
  events,
  downloads,
  todos,
  drain: () => drain(Number(values.runs)),
  workers: () => workers(Number(values.runs)),
  'shared-topic': () => sharedTopic(Number(values.clients)),
  proxies,
};

const name = positionals[0] ?? 'mixed';
const soak = Object.hasOwn(SOAKS, name) ? SOAKS[name] : undefined;
if (soak === undefined) throw new Error(`soak: expected ${Object.keys(SOAKS).join(', ')}, got "${name}"`);
process.exitCode = (await soak()) ? 0 : 1;
