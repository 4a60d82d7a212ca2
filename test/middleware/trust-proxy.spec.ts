import { describe, expect, it } from 'vitest';
import { type Request, Server, type TrustProxyOptions, trustProxy } from '../../src/index.js';
import { behind, PLACES, statusOf } from '../support/behind.js';
import { request, serve } from '../support/served.js';

/** What a handler is told, in order: address, scheme, authority. The peer is 127.0.0.1. */
async function told(options: TrustProxyOptions, ...fields: string[]): Promise<string[]> {
  let found: string[] = [];
  const look = (req: Request) => {
    found = [req.remoteAddress, req.scheme, req.authority];
  };
  const { exchange } = await behind('server', [trustProxy(options)], look, {}, 'tcp');
  expect(statusOf(await exchange(request('GET /ok', ...fields)))).toBe(200);
  return found;
}

const PEER = ['127.0.0.1', 'http', 'h'];

describe('X-Forwarded-For', () => {
  it.each<[string, TrustProxyOptions['trust'], string[], string[]]>([
    [
      'believes a trusted peer',
      'loopback',
      ['X-Forwarded-For: 192.0.2.1', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: shop.example:8443'],
      ['192.0.2.1', 'https', 'shop.example:8443'],
    ],
    [
      'believes nobody else',
      '10.0.0.0/8',
      ['X-Forwarded-For: 192.0.2.1', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: evil.example'],
      PEER,
    ],
    ['takes no notice of a field that is absent', 'loopback', [], PEER],
    ['takes the scheme alone', 'loopback', ['X-Forwarded-Proto: HTTPS'], ['127.0.0.1', 'https', 'h']],
    [
      'stops at the first that is not trusted',
      'loopback',
      ['X-Forwarded-For: 10.9.9.9, 192.0.2.1'],
      ['192.0.2.1', 'http', 'h'],
    ],
    [
      'walks over trusted proxies',
      ['loopback', '10.0.0.0/8'],
      ['X-Forwarded-For: 198.51.100.7, 192.0.2.1, 10.0.0.2, 10.0.0.1'],
      ['192.0.2.1', 'http', 'h'],
    ],
    [
      'reads several lines as one',
      ['loopback', '10.0.0.0/8'],
      ['X-Forwarded-For: 192.0.2.1', 'X-Forwarded-For: 10.0.0.1'],
      ['192.0.2.1', 'http', 'h'],
    ],
    [
      'ends at the farthest where all are trusted',
      'loopback',
      ['X-Forwarded-For: 127.0.0.3, 127.0.0.2'],
      ['127.0.0.3', 'http', 'h'],
    ],
    ['counts hops', 2, ['X-Forwarded-For: 198.51.100.7, 192.0.2.1, 203.0.113.1'], ['192.0.2.1', 'http', 'h']],
    [
      'asks a function',
      (address, hop) => hop === 0 || address === '203.0.113.1',
      ['X-Forwarded-For: 192.0.2.1, 203.0.113.1'],
      ['192.0.2.1', 'http', 'h'],
    ],
    ['takes the port off', 'loopback', ['X-Forwarded-For: 192.0.2.1:4711'], ['192.0.2.1', 'http', 'h']],
    ['takes brackets off', 'loopback', ['X-Forwarded-For: [2001:db8::1]:4711'], ['2001:db8::1', 'http', 'h']],
    [
      'knows no address where the proxy tells none, instead of that of the proxy',
      'loopback',
      ['X-Forwarded-For: 192.0.2.1, unknown'],
      ['', 'http', 'h'],
    ],
    [
      'takes scheme and host of the proxy that named the client',
      ['loopback', '10.0.0.0/8'],
      [
        'X-Forwarded-For: 198.51.100.7, 192.0.2.1, 10.0.0.1',
        'X-Forwarded-Proto: http, https, http',
        'X-Forwarded-Host: evil.example, shop.example, inner.example',
      ],
      ['192.0.2.1', 'https', 'shop.example'],
    ],
    [
      'takes no scheme and no host that are none',
      'loopback',
      ['X-Forwarded-Proto: javascript', 'X-Forwarded-Host: user@shop.example/path'],
      PEER,
    ],
    ['takes no notice of Forwarded', 'loopback', ['Forwarded: for=192.0.2.1;proto=https;host=evil.example'], PEER],
  ])('%s', async (_title, trust, fields, expected) => {
    expect(await told({ trust }, ...fields)).toEqual(expected);
  });
});

describe('Forwarded (RFC 7239)', () => {
  it.each<[string, TrustProxyOptions['trust'], string[], string[]]>([
    [
      'believes a trusted peer',
      'loopback',
      ['Forwarded: for="[2001:db8::1]:4711";proto=https;host="shop.example:8443"'],
      ['2001:db8::1', 'https', 'shop.example:8443'],
    ],
    ['believes nobody else', '10.0.0.0/8', ['Forwarded: for=192.0.2.1;proto=https'], PEER],
    [
      'takes the element of the proxy that named the client',
      ['loopback', '10.0.0.0/8'],
      [
        'Forwarded: for=198.51.100.7;proto=http;host=evil.example, for=192.0.2.1;proto=https, for=10.0.0.1;proto=http;host=inner.example',
      ],
      ['192.0.2.1', 'https', 'h'],
    ],
    ['knows no address of an obfuscated node', 'loopback', ['Forwarded: for=_hidden;proto=https'], ['', 'https', 'h']],
    [
      'takes no notice of X-Forwarded-For',
      'loopback',
      ['X-Forwarded-For: 192.0.2.1', 'X-Forwarded-Proto: https'],
      PEER,
    ],
  ])('%s', async (_title, trust, fields, expected) => {
    expect(await told({ trust, field: 'Forwarded' }, ...fields)).toEqual(expected);
  });

  it('is answered 400 where a trusted proxy sends it malformed, and not read where another does', async () => {
    const malformed = request('GET /ok', 'Forwarded: for="x, for=192.0.2.1');
    const answers = async (trust: string) => {
      const { exchange } = await behind('server', [trustProxy({ trust, field: 'Forwarded' })], undefined, {}, 'tcp');
      return statusOf(await exchange(malformed));
    };
    expect(await answers('loopback')).toBe(400);
    expect(await answers('10.0.0.0/8')).toBe(200);
  });
});

describe.each(PLACES)('trustProxy around a %s', (place) => {
  it('tells what comes after it', async () => {
    let address = '';
    const { exchange } = await behind(place, [trustProxy({ trust: 1 })], (req) => {
      address = req.remoteAddress;
    });
    expect(statusOf(await exchange(request('GET /ok', 'X-Forwarded-For: 192.0.2.1')))).toBe(200);
    expect(address).toBe('192.0.2.1');
  });

  it('leaves errors alone, before the answer has begun and after', async () => {
    const { exchange, log } = await behind(place, [trustProxy({ trust: 1 })]);
    expect(statusOf(await exchange(request('GET /refuses', 'X-Forwarded-For: 192.0.2.1')))).toBe(418);
    expect(log).toEqual([]);
    expect(await exchange(request('GET /breaks', 'X-Forwarded-For: 192.0.2.1'))).toMatch(/part\r\n$/);
    expect(log).toMatchObject([{ message: 'A request failed while its answer was sent' }]);
  });
});

describe('trustProxy', () => {
  it('believes the proxy in front of a socket without addresses, where hops are counted', async () => {
    let address = '';
    const { exchange } = await serve((server) =>
      server.use(trustProxy({ trust: 1 })).get('/', (req, res) => {
        address = req.remoteAddress;
        res.send();
      }),
    );
    await exchange(request('GET /', 'X-Forwarded-For: 192.0.2.1'));
    expect(address).toBe('192.0.2.1');
  });

  it.each([
    [
      {},
      'trustProxy: trust must be addresses, ranges as "10.0.0.0/8", or "loopback", "linklocal", "uniquelocal"; a number; a function, got undefined',
    ],
    [{ trust: 'everybody' }, 'got "everybody"'],
    [{ trust: ['10.0.0.0/99'] }, 'got ["10.0.0.0/99"]'],
    [{ trust: true }, 'got true'],
    [{ trust: 0 }, 'trustProxy: trust must be a whole number from 1, got 0'],
    [{ trust: 1, field: 'X-Real-IP' }, 'trustProxy: field must be "Forwarded" or "X-Forwarded-For", got "X-Real-IP"'],
    [{ trust: 1, header: 'Forwarded' }, 'trustProxy: unknown option "header"; known are trust, field'],
  ])('refuses %j when it is made', (options, message) => {
    expect(() => trustProxy(options as never)).toThrow(message);
    expect(() => trustProxy(options as never)).toThrow(TypeError);
  });

  it('is named', () => {
    expect(Server.new().use(trustProxy({ trust: 1 })).middleware[0]?.name).toBe('trustProxy');
  });
});
