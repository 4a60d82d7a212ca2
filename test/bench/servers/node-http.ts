/** The peer that every ratio is against: Node's own server, doing nothing else. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((_req, res) => {
  res.setHeader('Content-Type', 'text/plain; charset=utf-8');
  res.end('Hello world!');
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
