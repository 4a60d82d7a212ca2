import { describe, expect, it } from 'vitest';
import { type RequestIdOptions, requestId, type Trust } from '../../src/index.js';
import { behind, fieldOf, PLACES, statusOf } from '../support/behind.js';
import { request } from '../support/served.js';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

describe.each(PLACES)('requestId around a %s', (place) => {
  it('gives the handler and the client the same id', async () => {
    let id = '';
    const { exchange } = await behind(place, [requestId()], (req) => {
      id = req.id;
    });
    expect(fieldOf(await exchange(request('GET /ok')), 'X-Request-Id')).toBe(id);
    expect(id).toMatch(UUID);
  });

  it('sends it with an error, whose reference it is', async () => {
    const { exchange, log } = await behind(place, [requestId()]);
    const answer = await exchange(request('GET /fails'));
    const id = fieldOf(answer, 'X-Request-Id');
    expect(statusOf(answer)).toBe(500);
    expect(answer).toContain(`"ref":"${id}"`);
    expect(log).toMatchObject([{ fields: { ref: id } }]);
  });

  it('is in the log where the answer breaks', async () => {
    const { exchange, log } = await behind(place, [requestId()]);
    const answer = await exchange(request('GET /breaks'));
    expect(answer).toMatch(/part\r\n$/);
    expect(log).toMatchObject([{ fields: { ref: fieldOf(answer, 'X-Request-Id') } }]);
  });
});

describe('the id that a peer sends', () => {
  async function idFor(options: RequestIdOptions, ...fields: string[]): Promise<string | undefined> {
    const { exchange } = await behind('server', [requestId(options)], undefined, {}, 'tcp');
    return fieldOf(await exchange(request('GET /ok', ...fields)), options.field ?? 'X-Request-Id');
  }

  it.each<[string, Trust, string]>([
    ['an address', '127.0.0.1', 'X-Request-Id: 01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['a range', ['10.0.0.0/8', 'loopback'], 'x-request-id: 01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['hops', 1, 'X-Request-Id: 01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['a function', (address) => address === '127.0.0.1', 'X-Request-Id: 01ARZ3NDEKTSV4RRFFQ69G5FAV'],
  ])('is taken where it is trusted by %s', async (_title, trust, field) => {
    expect(await idFor({ trust }, field)).toBe('01ARZ3NDEKTSV4RRFFQ69G5FAV');
  });

  it.each<[string, RequestIdOptions, string[]]>([
    ['nobody is trusted', {}, ['X-Request-Id: mine']],
    ['it is not trusted', { trust: '10.0.0.0/8' }, ['X-Request-Id: mine']],
    ['there is none', { trust: 'loopback' }, []],
    ['it is empty', { trust: 'loopback' }, ['X-Request-Id:']],
    ['it is too long', { trust: 'loopback' }, [`X-Request-Id: ${'x'.repeat(129)}`]],
    ['it would need escaping', { trust: 'loopback' }, ['X-Request-Id: a"b']],
    ['there are two', { trust: 'loopback' }, ['X-Request-Id: a', 'X-Request-Id: b']],
  ])('is replaced where %s', async (_title, options, fields) => {
    expect(await idFor(options, ...fields)).toMatch(UUID);
  });

  it('may be as long as 128 characters', async () => {
    expect(await idFor({ trust: 'loopback' }, `X-Request-Id: ${'x'.repeat(128)}`)).toBe('x'.repeat(128));
  });

  it('comes in a field of another name, and is made by another', async () => {
    const options = { field: 'Correlation-Id', trust: 'loopback', make: () => 'made' };
    expect(await idFor(options, 'Correlation-Id: given', 'X-Request-Id: no')).toBe('given');
    expect(await idFor(options, 'X-Request-Id: no')).toBe('made');
  });
});

it.each([
  [{ field: 'no token' }, 'requestId: field must be a field name, got "no token"'],
  [{ make: 'uuid' }, 'requestId: make must be a function, got "uuid"'],
  [{ trust: 'gateway' }, 'requestId: trust must be addresses'],
  [{ header: 'x' }, 'requestId: unknown option "header"; known are field, trust, make'],
])('refuses %j when it is made', (options, message) => {
  expect(() => requestId(options as never)).toThrow(message);
});
