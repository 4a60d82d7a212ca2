import { expect, it } from 'vitest';
import { request, serve, settled } from '../support/served.js';

const PIECE = new Uint8Array(65_536);

it('asks its source for one piece more than a client takes, and goes on as it reads', async () => {
  let given = 0;
  async function* source() {
    while (given < 100) {
      given++;
      yield PIECE;
    }
  }
  const { connect } = await serve((server) => server.get('/', (_req, res) => res.stream(source())));
  const client = await connect();
  client.duplex.pause();
  client.send(request('GET /', 'Connection: close'));
  for (let i = 0; i < 20; i++) await settled();
  expect(given).toBe(1);
  client.duplex.resume();
  await client.all();
  expect(given).toBe(100);
});
