/** Holds the kinds of client that make up the mixed load: each does one bout and checks all that it gets. */

import { setTimeout as wait } from 'node:timers/promises';
import { PATTERN } from './pattern.js';
import { type Answer, Failure, get, headOf, Wire } from './wire.js';

/** One bout against the server on `port`. Resolves with the requests that were answered as they should be. */
export type Client = (port: number) => Promise<number>;

const upTo = (n: number): number => Math.floor(Math.random() * n);
const oneOf = <T>(values: readonly T[]): T => values[upTo(values.length)] as T;

/** Runs `bout` on a connection that is left at the end, whatever happens. */
const connected =
  (bout: (wire: Wire) => Promise<number>): Client =>
  async (port) => {
    const wire = await Wire.connect(port);
    try {
      return await bout(wire);
    } finally {
      wire.leave();
    }
  };

function expectAnswer(answer: Answer, status: number, content?: string | Uint8Array): void {
  if (answer.status !== status) throw new Failure(`status ${answer.status} for ${status}`, answer.content.toString());
  if (content !== undefined && !answer.content.equals(Buffer.from(content)))
    throw new Failure('wrong content', `${answer.content.length} bytes for ${content.length}`);
}

/** Requests one after the other. */
const keepAlive = connected(async (wire) => {
  for (let i = 0; i < 40; i++) {
    const isLater = i % 10 === 9;
    wire.send(get(isLater ? `/later/${upTo(20)}` : '/hello'));
    expectAnswer(await wire.response(), 200, isLater ? 'Later' : 'Hello world!');
  }
  return 40;
});

/** 16 requests at a time, their bytes cut anywhere. */
const pipelined = connected(async (wire) => {
  for (let round = 0; round < 5; round++) {
    const paths = Array.from({ length: 16 }, () => (upTo(8) === 0 ? '/later/1' : `/number/${upTo(1000)}`));
    const bytes = paths.map((path) => get(path)).join('');
    const cut = upTo(bytes.length);
    wire.send(bytes.slice(0, cut));
    if (upTo(2) === 0) await wait(1);
    wire.send(bytes.slice(cut));
    for (const path of paths) expectAnswer(await wire.response(), 200, path === '/later/1' ? 'Later' : path.slice(8));
  }
  return 80;
});

/** Content with its length, in pieces of any size. */
const upload = connected(async (wire) => {
  for (let i = 0; i < 5; i++) {
    const content = PATTERN.subarray(0, upTo(200_000));
    wire.send(headOf('POST', '/echo', `Content-Length: ${content.length}`));
    await inPieces(content, (piece) => wire.send(piece));
    expectAnswer(await wire.response(), 200, content);
  }
  return 5;
});

/** Content in chunks, with extensions and a trailer section. */
const uploadChunks = connected(async (wire) => {
  for (let i = 0; i < 5; i++) {
    const content = PATTERN.subarray(0, upTo(200_000));
    wire.send(headOf('PUT', '/count', 'Transfer-Encoding: chunked'));
    await inPieces(content, (piece) => {
      wire.send(`${piece.length.toString(16)};part=1\r\n`);
      wire.send(piece);
      wire.send('\r\n');
    });
    wire.send('0\r\nX-Trailer: 1\r\n\r\n');
    expectAnswer(await wire.response(), 200, String(content.length));
  }
  return 5;
});

/** Content that waits for 100 Continue. */
const uploadWhenAsked = connected(async (wire) => {
  for (let i = 0; i < 5; i++) {
    const content = PATTERN.subarray(0, 1 + upTo(50_000));
    wire.send(headOf('POST', '/echo', `Content-Length: ${content.length}`, 'Expect: 100-continue'));
    expectAnswer(await wire.response(), 100);
    wire.send(content);
    expectAnswer(await wire.response(), 200, content);
  }
  return 5;
});

/** Content that the handler ignores: little of it is skipped, much of it ends the connection after the answer. */
const ignored = connected(async (wire) => {
  for (let i = 0; i < 4; i++) {
    const content = PATTERN.subarray(0, upTo(100_000));
    wire.send(headOf('POST', '/ignore', `Content-Length: ${content.length}`));
    wire.send(content);
    expectAnswer(await wire.response(), 200, 'Ignored');
  }
  wire.send(headOf('POST', '/ignore', `Content-Length: ${PATTERN.length}`));
  wire.send(PATTERN);
  expectAnswer(await wire.response(), 200, 'Ignored');
  await wire.closed();
  return 5;
});

/** Content over the limit: the refusal can be read while it is still sent. */
const tooLarge = connected(async (wire) => {
  wire.send(headOf('POST', '/echo', `Content-Length: ${2 * PATTERN.length}`));
  wire.send(PATTERN);
  wire.send(PATTERN);
  expectAnswer(await wire.response(), 413);
  await wire.closed();
  return 1;
});

/** Messages that are refused: after each the connection is closed, and the client can read why. */
const refused: Client = async (port) => {
  const messages: readonly (readonly [bytes: string, status: number])[] = [
    ['GET /hello HTTP/1.1\r\n\r\n', 400],
    ['GET /hello HTTP/1.1\r\nHost : soak\r\n\r\n', 400],
    [headOf('POST', '/echo', 'Content-Length: 1', 'Transfer-Encoding: chunked'), 400],
    [get('/hello', '1.1', `X: ${'x'.repeat(20_000)}`), 431],
    [get(`/${'x'.repeat(9_000)}`), 414],
    ['GET /hello HTTP/3.0\r\nHost: soak\r\n\r\n', 505],
  ];
  for (const [bytes, status] of messages) {
    await connected(async (wire) => {
      wire.send(bytes);
      expectAnswer(await wire.response(), status);
      await wire.closed();
      return 1;
    })(port);
  }
  return messages.length;
};

/** A megabyte, in one answer. */
const download = connected(async (wire) => {
  for (let i = 0; i < 3; i++) {
    wire.send(get('/download'));
    expectAnswer(await wire.response(), 200, PATTERN.subarray(0, 1_048_576));
  }
  return 3;
});

/** A megabyte, read with pauses: the server has to wait. */
const slowDownload = connected(async (wire) => {
  wire.send(get('/download'));
  const pause = setInterval(() => {
    wire.socket.pause();
    setTimeout(() => wire.socket.resume(), 20);
  }, 25);
  try {
    expectAnswer(await wire.response(), 200, PATTERN.subarray(0, 1_048_576));
  } finally {
    clearInterval(pause);
  }
  return 1;
});

/** Chunks as they are made; to HTTP/1.0 the same up to the close. */
const stream = connected(async (wire) => {
  const pieces = 1 + upTo(20);
  const content = Buffer.concat(Array.from({ length: pieces }, () => PATTERN.subarray(0, 16_384)));
  wire.send(get(`/stream/${pieces}`));
  expectAnswer(await wire.response(), 200, content);
  wire.send(get(`/stream/${pieces}`, '1.0'));
  expectAnswer(await wire.response(), 200, content);
  await wire.closed();
  return 2;
});

/** Events, until enough have come. */
const events = connected(async (wire) => {
  wire.send(get('/events'));
  for (const id of [1, 2, 5, 10, 20]) await wire.takeThrough(`id: ${id}\n`);
  if (upTo(2) === 0) wire.end();
  return 1;
});

/** Both directions so slow that nothing comes whole. */
const slow = connected(async (wire) => {
  for (const letter of headOf('POST', '/echo', 'Content-Length: 10')) {
    wire.send(letter);
    await wait(20);
  }
  for (let i = 0; i < 10; i++) {
    wire.send(PATTERN.subarray(i, i + 1));
    await wait(20);
  }
  expectAnswer(await wire.response(), 200, PATTERN.subarray(0, 10));
  return 1;
});

/** The sending side ends before the answer. */
const halfClosed = connected(async (wire) => {
  wire.send(get('/hello') + get('/later/5') + get('/hello'));
  wire.end();
  expectAnswer(await wire.response(), 200, 'Hello world!');
  expectAnswer(await wire.response(), 200, 'Later');
  expectAnswer(await wire.response(), 200, 'Hello world!');
  await wire.closed();
  return 3;
});

/** Exchanges to be left before their end. */
const EXCHANGES: readonly string[] = [
  get('/hello'),
  get('/later/10'),
  get('/download'),
  get('/endless'),
  get('/events'),
  get('/stream/20'),
  `${headOf('POST', '/echo', 'Content-Length: 40')}${'x'.repeat(40)}`,
  `${headOf('PUT', '/count', 'Transfer-Encoding: chunked')}5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n`,
  `${headOf('POST', '/echo', 'Content-Length: 40', 'Expect: 100-continue')}${'x'.repeat(40)}`,
  get('/hello') + get('/later/3') + get('/download'),
];

/** Leaves at any point of an exchange: after any byte that is sent, or after any that comes. */
const leaver =
  (leave: (wire: Wire) => void): Client =>
  async (port) => {
    for (let i = 0; i < 10; i++) {
      const wire = await Wire.connect(port);
      const bytes = oneOf(EXCHANGES);
      const isCutShort = upTo(2) === 0;
      wire.send(isCutShort ? bytes.slice(0, upTo(bytes.length)) : bytes);
      if (!isCutShort && upTo(2) === 0) await wire.take(1 + upTo(50));
      await wait(upTo(10));
      leave(wire);
    }
    return 0;
  };

/** Sends `content` in pieces, sometimes with a pause between. */
async function inPieces(content: Uint8Array, send: (piece: Uint8Array) => void): Promise<void> {
  for (let start = 0; start < content.length; ) {
    const end = Math.min(content.length, start + 1 + upTo(60_000));
    send(content.subarray(start, end));
    if (upTo(4) === 0) await wait(1);
    start = end;
  }
}

export const CLIENTS: Readonly<Record<string, Client>> = {
  keepAlive,
  pipelined,
  upload,
  uploadChunks,
  uploadWhenAsked,
  ignored,
  tooLarge,
  refused,
  download,
  slowDownload,
  stream,
  events,
  slow,
  halfClosed,
  aborts: leaver((wire) => wire.leave()),
  resets: leaver((wire) => wire.reset()),
};
