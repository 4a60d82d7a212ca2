import { describe, expect, it } from 'vitest';
import { type JsonFault, writeJson } from '../../../src/bootstrap/replies/json-text.js';
import { fc } from '../../support/properties.js';

const strict = (fault: JsonFault) => {
  throw fault;
};

describe('writeJson', () => {
  it.each<[title: string, value: unknown, text: string]>([
    ['null', null, 'null'],
    [
      'a Map as an object',
      new Map<unknown, unknown>([
        [2, 1],
        ['a', new Set(['b'])],
      ]),
      '{"2":1,"a":["b"]}',
    ],
    ['a Set as an array', new Set([1, new Map([['a', 1]])]), '[1,{"a":1}]'],
    ['a Map inside', { list: [new Map([['a', 1]])] }, '{"list":[{"a":1}]}'],
    ['a Date', { at: new Date(0), map: new Map() }, '{"at":"1970-01-01T00:00:00.000Z","map":{}}'],
    ['what toJSON gives', { toJSON: () => new Map([['a', 1]]) }, '{"a":1}'],
    ['nothing for undefined members', { a: undefined, b: new Map([['c', undefined]]) }, '{"b":{}}'],
    ['null for undefined elements', [undefined, new Set([undefined])], '[null,[null]]'],
    ['a key called __proto__', new Map([['__proto__', 1]]), '{"__proto__":1}'],
    ['one object in two places', ((a) => [a, a, new Set([a])])({ x: 1 }), '[{"x":1},{"x":1},[{"x":1}]]'],
    [
      'boxed values',
      {
        map: new Map<string, unknown>([
          ['n', Object(1)],
          ['s', Object('x')],
        ]),
      },
      '{"map":{"n":1,"s":"x"}}',
    ],
  ])('writes %s', (_title, value, text) => {
    expect(writeJson(value, strict)).toBe(text);
  });

  it.each<[title: string, value: unknown, message: string]>([
    ['a big integer', { a: [1, 10n] }, '/a/1 is a bigint, which JSON cannot hold'],
    ['a big integer alone', 10n, 'the value is a bigint, which JSON cannot hold'],
    ['NaN', { 'a/b': { '~': Number.NaN } }, '/a~1b/~0 is NaN, which JSON cannot hold'],
    [
      'a cycle',
      ((a: Record<string, unknown>) => ({ x: Object.assign(a, { self: a }) }))({}),
      '/x/self is a cycle, which JSON cannot hold',
    ],
    ['a cycle through a Map', ((map) => map.set('m', map))(new Map()), '/m is a cycle, which JSON cannot hold'],
    ['a function', () => {}, 'the value is a function, which JSON cannot hold'],
    ['a symbol', Symbol('x'), 'the value is a symbol, which JSON cannot hold'],
  ])('names the path of %s', (_title, value, message) => {
    expect(() => writeJson(value, strict)).toThrow(message);
  });

  it('writes a number that is not finite as null where it may', () => {
    const faults: string[] = [];
    const text = writeJson({ a: Number.NaN, b: [Number.NEGATIVE_INFINITY] }, (fault) => faults.push(fault.pointer));
    expect(text).toBe('{"a":null,"b":[null]}');
    expect(faults).toEqual(['/a', '/b/0']);
  });

  it('finds a cycle among many links without walking them all', () => {
    const nodes = Array.from({ length: 30 }, () => ({ links: [] as unknown[] }));
    for (const node of nodes) node.links.push(...nodes);
    expect(() => writeJson(nodes, strict)).toThrow('is a cycle');
  });

  it('agrees with JSON.stringify on everything that JSON has', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(writeJson(value, strict)).toBe(JSON.stringify(value));
        expect(JSON.parse(writeJson(new Set([value]), strict))).toEqual(JSON.parse(JSON.stringify([value])));
      }),
    );
  });
});
