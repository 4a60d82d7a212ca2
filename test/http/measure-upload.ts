/*
 * Measures what a large upload costs the server that streams it: `npm run measure:upload [MiB]`, 500 by default. The
 * server is a process of its own, so that its memory is not the client's.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Server } from '../../src/index.js';

const MIB = 1_048_576;
const PIECE = Buffer.alloc(65_536, 'x');
const START = '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n';
const END = '\r\n--b--\r\n';

const WAYS: readonly string[] = ['streamed', 'disk'];

/** Serves uploads and says each turn of a timer how much memory it takes. */
async function serveUploads(): Promise<void> {
  const server = Server.new({ maxBodySize: Number.POSITIVE_INFINITY, requestTimeout: Number.POSITIVE_INFINITY });
  server.post('/streamed', async (req, res) => {
    let size = 0;
    for await (const part of req.parts())
      if (part.kind === 'file') for await (const piece of part) size += piece.length;
    res.send(String(size));
  });
  server.post('/disk', async (req, res) => {
    const { files } = await req.multipart({ store: 'disk' });
    res.send(String(files[0]?.size));
  });
  await server.setIp('127.0.0.1').listen();
  const say = () => process.send?.({ port: server.port, rss: process.memoryUsage.rss() });
  setInterval(say, 20);
  say();
  await server.run();
}

async function upload(port: number, way: string, size: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text;
  });
  const length = START.length + size + END.length;
  socket.write(
    `POST /${way} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\n` +
      `Content-Length: ${length}\r\n\r\n${START}`,
  );
  for (let sent = 0; sent < size; sent += PIECE.length) if (!socket.write(PIECE)) await once(socket, 'drain');
  socket.end(END);
  await once(socket, 'close');
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}

async function measure(size: number): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'serve'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let peak = 0;
  let now = 0;
  child.on('message', ({ rss }: { rss: number }) => {
    now = rss;
    peak = Math.max(peak, rss);
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  for (const way of WAYS) {
    await upload(port, way, MIB);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = now;
    peak = 0;
    const started = performance.now();
    const received = await upload(port, way, size);
    const seconds = (performance.now() - started) / 1000;
    if (received !== String(size)) throw new Error(`${way}: received ${received} of ${size} bytes`);
    const mib = (bytes: number) => `${(bytes / MIB).toFixed(1)} MiB`;
    console.log(
      `${way}: ${mib(size)} in ${seconds.toFixed(1)} s; resident before ${mib(before)}, at most ${mib(peak)}, ` +
        `${mib(peak - before)} more`,
    );
  }
  // Its last temporary files are being removed.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  child.kill();
}

if (process.argv[2] === 'serve') await serveUploads();
else await measure(Number(process.argv[2] ?? 500) * MIB);
