import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Container } from '../../src/bootstrap/container.js';
import { buildRouteTable } from '../../src/bootstrap/route-table.js';
import { Controller } from '../../src/decorators/controller.js';
import { Get } from '../../src/decorators/route.js';
import { Server } from '../../src/server/server.js';
import { Authority } from '../support/certificates.js';
import { answerTo, requestOn, serveHttp2 } from '../support/http2.js';
import { RawClient } from '../support/raw-client.js';
import { request, response, serve, TRANSPORTS, undated } from '../support/served.js';
import { describeAnswer, describeRow, ROWS, type Row } from '../support/wire-rows.js';

/** The bytes of an answer on a connection that stays open. */
function bytesOf({ status, type, content = '', isChunked, fields = [] }: Row): string {
  const typeLines = type === undefined ? [] : [`Content-Type: ${type}`];
  if (isChunked) {
    const chunks = `${content.length.toString(16)}\r\n${content}\r\n0\r\n\r\n`;
    return response(status, [...typeLines, ...fields, 'Transfer-Encoding: chunked'], chunks);
  }
  const length = /^[23]04/.test(status) ? [] : [`Content-Length: ${content.length}`];
  return response(status, [...typeLines, ...fields, ...length], content);
}

/** A row as the guide writes it. */
function lineOf({ returned, status, type, content = '', isChunked }: Row): string {
  const code = (text: string | undefined) => (text ? `\`${text}\`` : '');
  const cells = [returned, status.slice(0, 3), code(type), code(content) + (isChunked ? ', chunked' : '')];
  return `|${cells.map((cell) => (cell === '' ? ' |' : ` ${cell} |`)).join('')}`;
}

/** Adds two routes that return what the row makes, at once and later. */
function routesOf(row: Row): (server: Server) => void {
  @Controller()
  class Returning {
    @Get('/now') now() {
      return row.make();
    }
    @Get('/later') async later() {
      return row.make();
    }
  }
  return (server) => {
    const table = buildRouteTable({
      controllers: [Returning],
      container: new Container(),
      env: 'production',
      logger: server.opts.logger,
    });
    for (const route of table.routes) server.router.on(route.method, route.pattern, route.handler);
  };
}

const PATHS = ['/now', '/later'];
const certificate = new Authority().issue('localhost');

describe.each(TRANSPORTS)('over %s', (transport) => {
  it.each(ROWS)('$returned becomes $status', async (row) => {
    const { exchange } = await serve(routesOf(row), {}, transport);
    for (const path of PATHS) expect(undated(await exchange(request(`GET ${path}`)))).toBe(bytesOf(row));
  });
});

describe('in a server of node:http', () => {
  /** What that server says of its connection, by its own lights. */
  const OF_CONNECTION = /^(?:Connection|Keep-Alive): .*\r\n/gm;

  it.each(ROWS)('$returned becomes $status', async (row) => {
    const server = Server.new();
    routesOf(row)(server);
    const outer = createServer(server.nodeListener()).listen(0, '127.0.0.1');
    onTestFinished(() => void outer.close());
    await once(outer, 'listening');
    for (const path of PATHS) {
      const client = await RawClient.tcp((outer.address() as AddressInfo).port);
      client.send(request(`GET ${path}`));
      await client.end();
      expect(undated(await client.all()).replaceAll(OF_CONNECTION, '')).toBe(bytesOf(row));
    }
  });
});

describe('over fetch', () => {
  it.each(ROWS)('$returned becomes $status', async (row) => {
    const server = Server.new();
    routesOf(row)(server);
    for (const path of PATHS) {
      const answer = await server.fetch(new Request(`http://h${path}`));
      expect(answer.headers.get('date')).toBeNull();
      expect(await describeAnswer(answer)).toBe(describeRow(row));
    }
  });
});

describe('over HTTP/2', () => {
  /** It has no reason phrases, and no lines of a connection. Content of unknown length needs no chunks. */
  const withoutReason = (answer: string) => answer.replace(/^(\d+) .*/, '$1 ');

  it.each(ROWS)('$returned becomes $status', async (row) => {
    const { connect } = await serveHttp2(certificate, routesOf(row));
    const session = connect();
    for (const path of PATHS) {
      const { status, headers, content } = await answerTo(requestOn(session, { ':path': path }));
      const fields = Object.entries(headers).filter(([name]) => !name.startsWith(':') && name !== 'date');
      // An empty text would have a type of its own.
      const body = content === '' ? null : content;
      const answer = new Response(body, { status, headers: fields as [string, string][] });
      expect(await describeAnswer(answer)).toBe(withoutReason(describeRow(row)));
    }
  });
});

describe('the guide', () => {
  const guide = readFileSync(new URL('../../docs/controllers.md', import.meta.url), 'utf8');
  const rows = guide.split('\n| returned |')[1]!.split('\n\n')[0]!.split('\n').slice(2);

  it('has these rows, and no other but that of promises', () => {
    expect(rows.slice(0, -1).map((row) => row.replaceAll(/\s+/g, ' '))).toEqual(
      ROWS.map((row) => lineOf(row).replaceAll(/\s+/g, ' ')),
    );
    expect(rows.at(-1)).toMatch(/^\| a promise of any of these/);
  });
});
