/** The floor: reads and writes sockets but parses nothing, so no server on Node's sockets can cost less. */

import { type AddressInfo, createServer } from 'node:net';
import { HOST, reportPort, startPart } from '../part.js';
import { GREETING } from '../work/work.js';

const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/plain; charset=utf-8\r\n' +
    `Content-Length: ${GREETING.length}\r\n\r\n${GREETING}`,
);

await startPart({
  hello() {
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on('data', () => socket.write(ANSWER));
      socket.on('error', () => socket.destroy());
    });
    server.listen(0, HOST, () => reportPort((server.address() as AddressInfo).port));
  },
});
