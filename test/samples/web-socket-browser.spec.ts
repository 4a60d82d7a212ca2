import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { acceptWebSocket, type Server, type WebSocketConnection, type WebSocketOptions } from '../../src/index.js';
import { holds, startBrowser } from '../support/browser.js';
import { serve } from '../support/served.js';

/** What a page is told that opens a socket, says something and waits for the end. */
interface Seen {
  readonly opened: boolean;
  readonly protocol: string;
  readonly extensions: string;
  readonly messages: readonly string[];
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

const OPTIONS = { protocols: ['v2', 'v1'], maxMessageSize: 1000, deflate: true } satisfies WebSocketOptions;

/** Answers each word of a page. */
async function talk(socket: WebSocketConnection): Promise<void> {
  void socket.send('welcome');
  for await (const message of socket) {
    if (message === 'close') socket.close(4000, 'as you like');
    else void socket.send(message);
  }
}

function configure(server: Server): void {
  server
    .get('/', (_req, res) => void res.setContentType('text/html').send('<!doctype html><title>page</title>'))
    .get('/talk', async (req, res) => void talk(await acceptWebSocket(req, res, OPTIONS)));
}

/** Opens a socket in the page, sends `words` once it is open, and tells all that happens up to its close. */
function converse(page: Page, url: string, words: readonly string[], protocols: readonly string[] = []): Promise<Seen> {
  const script = `new Promise((resolve) => {
    const seen = { opened: false, messages: [] };
    const socket = new WebSocket(${JSON.stringify(url)}, ${JSON.stringify(protocols)});
    window.last = socket;
    window.messages = seen.messages;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      Object.assign(seen, { opened: true, protocol: socket.protocol, extensions: socket.extensions });
      for (const word of ${JSON.stringify(words)}) socket.send(word);
    };
    socket.onmessage = ({ data }) => seen.messages.push(data);
    socket.onclose = ({ code, reason, wasClean }) => resolve({ ...seen, code, reason, wasClean });
  })`;
  return page.evaluate<Seen>(script);
}

it('talks to a page in Chromium, up to each kind of close', async () => {
  const { server } = await serve(configure, {}, 'tcp');
  const origin = `127.0.0.1:${server.port}`;
  const browser = await startBrowser();
  const page = await browser.newPage();
  await page.goto(`http://${origin}/`);
  const url = `ws://${origin}/talk`;

  // What is agreed on, early words of the server, words of both, a close by the server.
  expect(await converse(page, url, ['grüß dich', 'close'], ['v1', 'v2'])).toMatchObject({
    opened: true,
    protocol: 'v2',
    extensions: expect.stringContaining('permessage-deflate'),
    messages: ['welcome', 'grüß dich'],
    code: 4000,
    reason: 'as you like',
    wasClean: true,
  });

  expect(await converse(page, url, ['x'.repeat(1001)])).toMatchObject({ code: 1009, wasClean: true });

  // A browser closes itself where none of its sub-protocols is spoken.
  expect(await converse(page, url, [], ['v3'])).toMatchObject({ opened: false, code: 1006 });

  expect(await converse(page, `ws://${origin}/nowhere`, [])).toMatchObject({ opened: false, code: 1006 });

  // By another name it is another origin.
  const foreign = await browser.newPage();
  await foreign.goto(`http://foreign.localhost:${server.port}/`);
  expect(await converse(foreign, url, [])).toMatchObject({ opened: false, code: 1006 });

  // A close by the page.
  const closing = converse(page, url, []);
  await holds(page, 'messages.length === 1 && last.readyState === 1');
  await page.evaluate('last.close(3000, "done")');
  expect(await closing).toMatchObject({ code: 3000, reason: 'done', wasClean: true });

  // The server drains.
  const drained = converse(page, url, ['there?']);
  await holds(page, 'messages.length === 2');
  expect(await server.close({ timeout: 20_000 })).toEqual({ destroyed: 0 });
  expect(await drained).toMatchObject({ messages: ['welcome', 'there?'], code: 1001, wasClean: true });
}, 60_000);
