/** Lists what is asked of every server, and what the right answer is. */

import type { Contender } from './contenders.js';
import type { Request } from './load.js';
import { type Measure, measureBoot, measureCpu, measureIdle, measureP99, measureResident } from './measures.js';
import type { Part } from './part.js';
import { GREETING, Library, PIECES, STEPS, Users } from './work/work.js';

export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  /** For the table, unit included. */
  readonly title: string;
  /** Digits behind the point in the table. */
  readonly digits: number;
  readonly part: Part;
  readonly request: Request;
  readonly connections: number;
  readonly answer: Answer;
  /** A request that must be refused as the client's error, so that a check that never fails is not a fast one. */
  readonly refused?: Request;
  readonly isPipelined?: boolean;
  /** Servers that cannot do this, and are not asked. */
  readonly without?: readonly Contender[];
  readonly measure: Measure;
  /** Whether `--check` watches it. What the neighbours on the machine decide is only shown. */
  readonly isChecked: boolean;
}

export interface Answer {
  readonly status: number;
  /** How the Content-Type begins. */
  readonly type: string;
  readonly body: string;
}

const hello: Request = { path: '/' };
const greeted: Answer = { status: 200, type: 'text/plain', body: GREETING };

/** What a browser sends along. */
const BROWSER: Readonly<Record<string, string>> = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Accept-Language': 'en-GB,en;q=0.9,de;q=0.8',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  Referer: 'http://127.0.0.1/somewhere/else?with=a&query=string',
  Cookie: 'session=0f9d7c1e5b3a49d2a6c8e4f71b2d3c4e; theme=dark; consent=all',
  'Cache-Control': 'max-age=0',
  'Upgrade-Insecure-Requests': '1',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-User': '?1',
};

const order = {
  customer: 'Ada Lovelace',
  email: 'ada@example.com',
  items: [
    { sku: 'AB-10017', quantity: 2, price: 19.5 },
    { sku: 'CD-20044', quantity: 1, price: 249 },
    { sku: 'EF-30102', quantity: 12, price: 0.25 },
  ],
  note: 'Please ring twice, the bell of the house is as old as the house itself and often is unheard.',
};
const JSON_FIELDS = { 'Content-Type': 'application/json' };
const CONNECTIONS = 64;
/** For the scenarios with much content: so that none waits for seconds. */
const FEW_CONNECTIONS = 16;
const MEBIBYTE = 1024 * 1024;

const library = new Library();
const ticks = Array.from({ length: PIECES }, (_, i) => `tick ${i}\n`).join('');

type Rest = Pick<Scenario, 'part' | 'request' | 'answer'> & Partial<Scenario>;

function cpu(name: string, title: string, rest: Rest): Scenario {
  return { name, title, digits: 2, isChecked: true, connections: CONNECTIONS, measure: measureCpu, ...rest };
}

function ofProcess(name: string, title: string, measure: Measure, rest: Partial<Scenario> = {}): Scenario {
  const same = { part: 'hello', request: hello, connections: CONNECTIONS, answer: greeted } as const;
  return { name, title, digits: 1, isChecked: true, ...same, measure, ...rest };
}

function library64(path: string, body: string): Rest {
  return { part: 'library', request: { path }, answer: { status: 200, type: 'application/json', body } };
}

/** CPU rows are microseconds of the server process a request. */
export const SCENARIOS: readonly Scenario[] = [
  cpu('hello', 'hello', { part: 'hello', request: hello, answer: greeted }),
  cpu('user', 'parametric JSON from a service', {
    part: 'user',
    request: { path: '/users/42' },
    answer: { status: 200, type: 'application/json', body: JSON.stringify(new Users().find(42)) },
  }),
  cpu('order', '300-byte JSON POST, validated by zod', {
    part: 'order',
    request: { method: 'POST', path: '/orders', headers: JSON_FIELDS, body: JSON.stringify(order) },
    answer: { status: 201, type: 'application/json', body: JSON.stringify({ id: 1, lines: 3, total: 291 }) },
    refused: {
      method: 'POST',
      path: '/orders',
      headers: JSON_FIELDS,
      body: JSON.stringify({ ...order, email: 'nobody' }),
    },
  }),
  cpu('middlewares', 'five async middlewares', {
    part: 'middlewares',
    request: { path: '/steps' },
    answer: { status: 200, type: 'text/plain', body: `${STEPS} steps` },
  }),
  cpu('routes', '300 routes, one with a parameter', {
    part: 'routes',
    request: { path: '/resource-77/42/history' },
    answer: { status: 200, type: 'text/plain', body: 'history of resource-77 42' },
  }),
  cpu('browser', 'hello, 12 browser headers', {
    part: 'hello',
    request: { path: '/', headers: BROWSER },
    answer: greeted,
  }),
  cpu('pipelined', 'hello, 16 pipelined', {
    part: 'hello',
    request: hello,
    answer: greeted,
    isPipelined: true,
    // It answers what arrives, not what it has read.
    without: ['net-floor'],
  }),
  cpu('json-ascii', '64 KiB of JSON text, ASCII', library64('/library/plain', library.plainJson)),
  cpu('json-unicode', '64 KiB of JSON text, not ASCII', library64('/library/foreign', library.foreignJson)),
  cpu('json-objects', '64 KiB of JSON from objects', library64('/library/objects', library.plainJson)),
  cpu('upload', '1 MiB upload, counted', {
    part: 'upload',
    request: {
      method: 'POST',
      path: '/upload',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: 'x'.repeat(MEBIBYTE),
    },
    answer: { status: 200, type: 'text/plain', body: String(MEBIBYTE) },
    connections: FEW_CONNECTIONS,
  }),
  cpu('chunks', '1,000 small streamed chunks', {
    part: 'ticks',
    request: { path: '/ticks' },
    answer: { status: 200, type: 'text/plain', body: ticks },
    connections: FEW_CONNECTIONS,
  }),
  ofProcess('boot', 'start until it listens, ms', measureBoot),
  ofProcess('resident', 'resident after start, MiB', measureResident),
  ofProcess('idle', 'an idle connection, KiB', measureIdle),
  ofProcess('p99', 'p99 at half load, ms', measureP99, { digits: 2, isChecked: false }),
];
