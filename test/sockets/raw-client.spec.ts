import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { exchange, RawClient } from '../support/raw-client.js';

function pair(): [client: RawClient, peer: Duplex] {
  const [near, far] = duplexPair({ allowHalfOpen: true });
  return [RawClient.over(near), far];
}

describe('RawClient', () => {
  it('sends and receives every byte value', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const [near, far] = duplexPair({ allowHalfOpen: true });
    far.pipe(far);
    expect(await exchange(near, bytes)).toBe(Buffer.from(bytes).toString('latin1'));
  });

  it('takes up to a text and keeps what follows', async () => {
    const [client, peer] = pair();
    peer.write('one\r\ntw');
    expect(await client.until('\r\n')).toBe('one\r\n');
    peer.write('o\r\n');
    expect(await client.until((received) => received.length === 5)).toBe('two\r\n');
    expect(client.received).toBe('');
  });

  it('rejects with what was received when the peer closes', async () => {
    const [client, peer] = pair();
    peer.end('half');
    await expect(client.until('whole')).rejects.toThrow('The peer closed before "whole"; received "half"');
    expect(client.closed).toBe(true);
    expect(await client.all()).toBe('half');
  });

  it('takes one response after the other', async () => {
    const [client, peer] = pair();
    const responses = [
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
      'HTTP/1.1 204 No Content\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na\r\n\r\n0\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.0 200 OK\r\n\r\nrest',
    ];
    peer.end(responses.join(''));
    for (const response of responses) expect(await client.response()).toBe(response);
  });

  it('takes a response to HEAD without content', async () => {
    const [client, peer] = pair();
    peer.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
    expect(await client.response(true)).toContain('Content-Length: 2');
  });
});
