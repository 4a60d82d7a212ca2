/** The Server without controllers. */

import { Server } from 'luminaire';

const server = Server.new().get('/', (_req, res) => {
  res.send('Hello world!');
});
await server.setIp('127.0.0.1').listen();
void server.run();
console.log(server.port);
