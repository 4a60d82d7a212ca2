import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { encodingBuffer } from '../../src/server/encoding-buffer.js';
import { copiesWhatIsWritten } from '../../src/sockets/system-socket.js';
import { fc } from '../support/properties.js';
import { eventually, request, serve, TRANSPORTS } from '../support/served.js';

/** Text of some `size` characters, half of it not ASCII, told apart by `seed`. */
function largeText(seed: string, size: number): string {
  return `${seed}:${'é日x'.repeat(size / 3)}`;
}

describe('encodingBuffer', () => {
  it('encodes as Buffer does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const encoded = encodingBuffer.encode(text) as Uint8Array;
        expect(Buffer.from(encodingBuffer.behind('head\xe9', encoded))).toEqual(
          Buffer.concat([Buffer.from('head\xe9', 'latin1'), Buffer.from(text)]),
        );
      }),
    );
  });

  it('has no room for text of more bytes than it holds', () => {
    expect(encodingBuffer.encode('x'.repeat(98_304))).toHaveLength(98_304);
    expect(encodingBuffer.encode('x'.repeat(98_305))).toBeUndefined();
    expect(encodingBuffer.encode('é'.repeat(49_153))).toBeUndefined();
  });

  it('leaves what was given away alone', () => {
    const first = encodingBuffer.encode('first') as Uint8Array;
    encodingBuffer.giveAway();
    encodingBuffer.encode('other');
    expect(Buffer.from(first).toString()).toBe('first');
  });

  it('takes a head for which there is no room in front', () => {
    const head = 'h'.repeat(5_000);
    const encoded = encodingBuffer.encode('text') as Uint8Array;
    expect(Buffer.from(encodingBuffer.behind(head, encoded)).toString()).toBe(`${head}text`);
  });
});

describe.each(TRANSPORTS)('large text over %s', (transport) => {
  it('arrives whole at every client, however slow the others are', async () => {
    const { connect } = await serve(
      (server) => server.get('/:seed', (req, res) => void res.send(largeText(req.params.seed as string, 30_000))),
      {},
      transport,
    );
    const slow = await connect();
    slow.duplex.pause();
    // More than the system buffers for it.
    slow.send(Array.from({ length: 150 }, (_, i) => request(`GET /slow${i}`)).join(''));
    for (let i = 0; i < 20; i++) {
      const quick = await connect();
      quick.send(request(`GET /quick${i}`, 'Connection: close'));
      const content = (await quick.all()).split('\r\n\r\n')[1] as string;
      expect(Buffer.from(content, 'latin1').toString() === largeText(`quick${i}`, 30_000)).toBe(true);
    }
    slow.duplex.resume();
    const whole = Array.from({ length: 150 }, (_, i) => largeText(`slow${i}`, 30_000));
    const size = Buffer.byteLength(whole.join(''));
    await eventually(() => slow.received.length > size, 'the slow client has all');
    const contents = slow.received.split(/HTTP\/1\.1 200 OK\r\n[^é]*?\r\n\r\n/).slice(1);
    expect(contents.map((content) => Buffer.from(content, 'latin1').toString())).toEqual(whole);
  });

  it('has its length told to HEAD', async () => {
    const { exchange } = await serve(
      (server) => server.get('/', (_req, res) => void res.send('é'.repeat(9_000))),
      {},
      transport,
    );
    const wire = await exchange(request('HEAD /'));
    expect(wire).toContain('Content-Length: 18000\r\n');
    expect(wire).toMatch(/\r\n\r\n$/);
  });
});

describe('copiesWhatIsWritten', () => {
  it('is not said of a stream that may keep what it is given', () => {
    expect(copiesWhatIsWritten(new PassThrough())).toBe(false);
  });
});
