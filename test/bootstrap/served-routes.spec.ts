import { expect, it } from 'vitest';
import type { RouteEntry } from '../../src/bootstrap/route-table.js';
import { addRoutes } from '../../src/bootstrap/served-routes.js';
import { request, serve } from '../support/served.js';
import { handshake } from '../support/web-socket.js';

type Sends = RouteEntry['sends'];

/** A route that tells its pattern and the parameters it was given. */
function route(sends: Sends, pattern: string): RouteEntry {
  const handler: RouteEntry['handler'] = (req, res) =>
    void res.send(`${sends} ${pattern} ${JSON.stringify(req.params)}`);
  return { method: 'GET', sends, pattern, place: `A.${pattern}`, handler } as RouteEntry;
}

const routes = [
  route('messages', '/rooms/:room'),
  route('value', '/rooms/:id'),
  route('value', '/rooms/new'),
  route('messages', '/alone/:a/:b?'),
  route('value', '/optional/:x?'),
  route('messages', '/optional'),
  route('value', '/*rest'),
];

it.each([
  ['a socket', handshake('/rooms/1'), 'messages /rooms/:room {"room":"1"}'],
  ['anything else at the same path', request('GET /rooms/1'), 'value /rooms/:id {"id":"1"}'],
  ['a socket, though another path is more specific', handshake('/rooms/new'), 'messages /rooms/:room {"room":"new"}'],
  ['anything else, at the more specific path', request('GET /rooms/new'), 'value /rooms/new {}'],
  ['a socket with an optional part', handshake('/alone/1/2'), 'messages /alone/:a/:b? {"a":"1","b":"2"}'],
  ['anything else where there are sockets alone', request('GET /alone/1'), 'messages /alone/:a/:b? {"a":"1"}'],
  ['a socket whose path another pattern has as well', handshake('/optional'), 'messages /optional {}'],
  ['anything else at that path', request('GET /optional'), 'value /optional/:x? {}'],
  ['a socket where there is none', handshake('/other'), 'value /*rest {"rest":"other"}'],
  ['a path that is no UTF-8', handshake('/rooms/%ff'), '{"title":"Bad Request"'],
])('addRoutes leads a request for %s', async (_title, bytes, answer) => {
  const { exchange } = await serve((server) => addRoutes(server, routes));
  expect((await exchange(bytes)).split('\r\n\r\n')[1]).toContain(answer);
});

it('addRoutes adds no middleware where there are no sockets', async () => {
  const { server } = await serve((one) => addRoutes(one, [route('value', '/a')]));
  expect(server.middleware).toEqual([]);
});
