import { expect, it } from 'vitest';
import { Controller, createApp, Header, Socket, WebSocket, type WebSocketConnection } from '../../src/index.js';

@Controller()
class EchoController {
  @WebSocket('/echo', { protocols: ['v2', 'v1'] })
  async echo(@Socket() socket: WebSocketConnection, @Header('x-name?') name?: string) {
    await socket.send(`${name} speaks ${socket.protocol}`);
    for await (const message of socket) await socket.send(message);
  }
}

const app = createApp({ controllers: [EchoController] });

it('webSocket opens one with fields and sub-protocols', async () => {
  await using t = await app.test();
  const socket = await t.webSocket('/echo', { headers: { 'x-name': 'ada' }, protocols: ['v1', 'v2'] });
  const messages = socket[Symbol.asyncIterator]();
  expect(await messages.next()).toEqual({ done: false, value: 'ada speaks v2' });
  void socket.send('hi');
  expect(await messages.next()).toEqual({ done: false, value: 'hi' });
  socket.close();
  expect(await messages.next()).toEqual({ done: true, value: undefined });
});

it('webSocket says how it was refused', async () => {
  await using t = await app.test();
  await expect(t.webSocket('/nowhere')).rejects.toThrow('GET /nowhere was answered 404: {"title":"Not Found"');
});

it('of says that a conversation needs a socket', async () => {
  await using t = await app.test();
  const call = t.of(EchoController).echo();
  await expect(call).rejects.toThrow('EchoController.echo talks to a WebSocket: open one, with t.webSocket("/echo")');
});

it('cuts off what is open when the test ends', async () => {
  let socket: WebSocketConnection;
  {
    await using t = await app.test();
    socket = await t.webSocket('/echo');
  }
  await socket.closed;
  expect(socket.isOpen).toBe(false);
});
