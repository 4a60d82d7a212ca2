import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFault } from './compare.js';
import { fuzzByCoverage } from './coverage.js';
import { runDifferential } from './differential.js';
import { EXPLANATIONS } from './explanations.js';
import { judge } from './judge.js';
import { makeStream } from './messages.js';
import { minimise } from './minimise.js';
import { Peers } from './peers.js';
import { PROPERTIES } from './properties.js';
import { Random } from './random.js';
import { readStream } from './reference.js';
import { failureOf, runProperties } from './run-properties.js';

/** How many times as long as usual. */
const SCALE = Number(process.env.FUZZ_SCALE ?? 1);

const request = (line: string, ...fields: string[]) => [line, ...fields, '', ''].join('\r\n');
const get = (...fields: string[]) => request('GET / HTTP/1.1', 'Host: a', ...fields);
const chunked = (content: string) => get('Transfer-Encoding: chunked') + content;
const GET = get();

/** A stream for each known difference from node:http. */
const EXAMPLES: readonly (readonly [id: string, wire: string])[] = [
  ['answers-lost', `${GET}GET\n`],
  ['extension-method', request('BREW / HTTP/1.1', 'Host: a')],
  ['method-pri', request('PRI / HTTP/1.1', 'Host: a')],
  ['empty-lines', `\r\n\r\n${GET}`],
  ['spaces', request('GET  / HTTP/1.1', 'Host: a')],
  ['http-0.9', 'GET /\r\n\r\n'],
  ['target-octets', request('GET /#a HTTP/1.1', 'Host: a')],
  ['target-form', request('GET ftp://a/ HTTP/1.1', 'Host: a')],
  ['later-minor-version', request('GET / HTTP/1.2', 'Host: a')],
  ['other-protocol', request('GET / RTSP/1.0', 'Host: a')],
  ['other-major-version', request('GET / HTTP/2.0', 'Host: a')],
  ['host-invalid', request('GET / HTTP/1.1', 'Host: a b')],
  ['host-repeated', request('GET / HTTP/1.1', 'Host: a', 'Host: a')],
  ['host-missing', `${request('GET / HTTP/1.1')}${GET}`],
  ['transfer-encoding-in-http-1.0', `${request('POST / HTTP/1.0', 'Transfer-Encoding: chunked')}0\r\n\r\n`],
  ['transfer-encoding-not-chunked', get('Transfer-Encoding: chunked-false')],
  ['connect-framing', request('CONNECT a:80 HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip')],
  ['transfer-encoding-list', `${get('Transfer-Encoding: gzip, chunked')}0\r\n\r\n`],
  ['content-length-leading-zero', `${get('Content-Length: 03')}abc`],
  ['content-length-empty', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n'],
  ['transfer-encoding-empty', request('GET / HTTP/1.0', 'Transfer-Encoding:')],
  ['tab-after-value', `${get('Content-Length: 3\t')}abc`],
  ['content-length-inexact', get('Content-Length: 9007199254740993')],
  ['content-limit', get('Content-Length: 1048577')],
  ['unknown-expectation', get('Expect: 100-continue, x')],
  ['space-in-extension', chunked('0 ;a\r\n\r\n')],
  ['extension-grammar', chunked('0;;a\r\n\r\n')],
  ['forbidden-trailer', chunked('0\r\nHost: b\r\n\r\n')],
  ['chunk-size-inexact', chunked('00000000000003\r\nabc\r\n0\r\n\r\n')],
  ['limits', get(...Array.from({ length: 100 }, () => 'A: b'))],
  ['chunk-limits', chunked(`0;${'a'.repeat(5000)}\r\n\r\n`)],
  ['refused-sooner', 'GET @'],
  ['data-after-close', `${get('Connection: close')}${GET}`],
  ['keep-alive-and-close', request('GET / HTTP/1.0', 'Connection: keep-alive, close')],
  ['proxy-connection', get('Proxy-Connection: close')],
  ['unread-content', get('Expect: 100-continue', 'Content-Length: 3')],
  ['upgrade-hides-errors', `${get('Connection: upgrade', 'Upgrade: x', 'Transfer-Encoding: chunked')}x`],
  ['upgrade-not-taken', `${get('Connection: upgrade', 'Upgrade: x')}${GET}`],
];

/** What node:http has mended since: from Node 22 on it agrees. */
const MENDED_IN_22: ReadonlySet<string> = new Set(['transfer-encoding-empty', 'tab-after-value']);
const NODE_MAJOR = Number(process.versions.node.split('.', 1)[0]);

describe('the differences from node:http', () => {
  it.each(EXAMPLES)('have %s among them', async (id, wire) => {
    const stream = { wire, cuts: [], reads: id !== 'unread-content' };
    const [judgement] = await judge(new Peers(), [stream]);
    const isMended = NODE_MAJOR >= 22 && MENDED_IN_22.has(id);
    expect(judgement?.description).toBeUndefined();
    expect(judgement?.explanation).toBe(isMended ? undefined : id);
  });

  it('have an example each', () => {
    expect(EXAMPLES.map(([id]) => id)).toEqual(EXPLANATIONS.map(({ id }) => id));
  });

  it(`are all known in ${2500 * SCALE} streams`, { timeout: 30_000 * SCALE }, async () => {
    const { failures, requests } = await runDifferential(2500 * SCALE, 20_260_101);
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(2500 * SCALE);
  });
});

describe('the entry points', () => {
  it(`hold for ${1000 * SCALE} inputs`, { timeout: 30_000 * SCALE }, async () => {
    expect(await runProperties(PROPERTIES, 1000 * SCALE, 20_260_101)).toEqual([]);
  });

  it.each(PROPERTIES.map((property) => [property.name, property] as const))(
    'hold where coverage leads: %s',
    { timeout: 20_000 * SCALE },
    async (_name, property) => {
      const folder = mkdtempSync(join(tmpdir(), 'luminaire-fuzz-'));
      try {
        const report = await fuzzByCoverage(property, { seed: 1, milliseconds: 100 * SCALE, folder });
        expect(report.failure).toBeUndefined();
        expect(report.edges).toBeGreaterThan(0);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describe('the fuzzers', () => {
  it('give the same stream for the same seed, and another for the next', () => {
    expect(makeStream(new Random(7))).toEqual(makeStream(new Random(7)));
    expect(makeStream(new Random(7))).not.toEqual(makeStream(new Random(8)));
  });

  it('find a message that is delimited wrongly', () => {
    const wire = `${get('Content-Length: 3')}abc${GET}`;
    const { messages } = readStream(wire);
    const rest = { refusal: undefined, fault: undefined, answered: 2, verdict: 'open' } as const;
    const stream = { wire, cuts: [], reads: true };
    expect(findFault(stream, { ...rest, messages })).toBeUndefined();
    expect(findFault(stream, { ...rest, messages: messages.slice(0, 1) })).toContain('by the reference');
    expect(findFault(stream, { ...rest, messages, verdict: 'closed' })).toContain('by the reference');
    const shorter = messages.map((message) => ({ ...message, content: message.content?.slice(0, 2) }));
    expect(findFault(stream, { ...rest, messages: shorter })).toContain('by the reference');
  });

  it('find a property that does not hold, and the smallest input that shows it', async () => {
    const property = {
      name: 'no-nul',
      holds(bytes: Buffer) {
        if (bytes.includes(0)) throw new Error('NUL');
      },
    };
    const [failure] = await runProperties([property], 500, 1);
    expect(failure?.smallest).toBe(JSON.stringify('\0'));
    expect(failureOf(property, Buffer.from('a'))).toBeUndefined();
    expect(await minimise('abcdef', (text) => text.includes('b') && text.includes('e'))).toBe('be');
  });
});
