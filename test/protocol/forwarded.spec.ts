import { describe, expect, it } from 'vitest';
import { nodeAddress, parseForwarded } from '../../src/protocol/forwarded.js';
import { fc } from '../support/properties.js';

const said = (members: Partial<{ for: string; host: string; proto: string }>) => ({
  for: '',
  host: '',
  proto: '',
  ...members,
});

describe('parseForwarded (RFC 7239 §4)', () => {
  it.each([
    ['reads one pair', 'for=192.0.2.43', [said({ for: '192.0.2.43' })]],
    [
      'reads names in any case, and values it does not know',
      'For="[2001:db8:cafe::17]:4711";BY=x;secret=y',
      [said({ for: '[2001:db8:cafe::17]:4711' })],
    ],
    [
      'reads all pairs',
      'for=192.0.2.60;proto=https;by=203.0.113.43;host=shop.example',
      [said({ for: '192.0.2.60', proto: 'https', host: 'shop.example' })],
    ],
    ['reads elements in order', 'for=a, for=b,for=c', [said({ for: 'a' }), said({ for: 'b' }), said({ for: 'c' })]],
    ['unescapes a quoted string', 'host="a\\"\\\\,;b"', [said({ host: 'a"\\,;b' })]],
    ['takes an address with a port unquoted', 'for=192.0.2.1:80', [said({ for: '192.0.2.1:80' })]],
    [
      'takes space around pairs',
      ' for=a ; proto=http\t,\tfor=b ',
      [said({ for: 'a', proto: 'http' }), said({ for: 'b' })],
    ],
    ['passes over empty elements and pairs', ',;for=a;, ,', [said({ for: 'a' })]],
    ['finds nothing in an empty field', '', []],
    ['refuses a quote that does not end', 'for="a', undefined],
    ['refuses what follows a quoted string', 'for="a"b', undefined],
    ['refuses a pair without a value', 'for=', undefined],
    ['refuses a name alone', 'for', undefined],
    ['refuses space around the equals sign', 'for = a', undefined],
    ['refuses two of a name in one element', 'for=a;FOR=b', undefined],
    ['refuses a value of two words', 'for=a b', undefined],
    ['knows no names of Object.prototype', '__proto__=a;constructor=b', [said({})]],
  ])('%s', (_title, field, elements) => {
    expect(parseForwarded(field)).toEqual(elements);
  });

  it('gives back what was written, whatever was quoted', () => {
    const text = fc.string({ unit: 'binary-ascii', minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.record({ for: text, host: text, proto: text }), { minLength: 1 }), (elements) => {
        const quote = (value: string) => `"${value.replace(/["\\]/g, '\\$&')}"`;
        const field = elements.map((e) => `for=${quote(e.for)};host=${quote(e.host)};proto=${quote(e.proto)}`);
        // A field value has no line ends.
        fc.pre(!/[\r\n]/.test(field.join()));
        expect(parseForwarded(field.join(', '))).toEqual(elements);
      }),
    );
  });

  it('reads anything to an end', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'for=;,"\\ \ta[]:.') }), (field) => void parseForwarded(field)),
    );
  });
});

describe('nodeAddress (RFC 7239 §6)', () => {
  it.each([
    ['192.0.2.43', '192.0.2.43'],
    ['192.0.2.43:47011', '192.0.2.43'],
    ['192.0.2.43:_port', '192.0.2.43'],
    ['[2001:db8::17]', '2001:db8::17'],
    ['[2001:db8::17]:4711', '2001:db8::17'],
    ['2001:db8::17', '2001:db8::17'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['unknown', ''],
    ['_hidden', ''],
    ['', ''],
    ['1', ''],
    ['0x7f.1', ''],
    ['192.0.2.256', ''],
    ['192.0.2.1 ', ''],
    ['[192.0.2.1', ''],
    ['<script>', ''],
    ['fe80::1%eth0', ''],
  ])('of %j is %j', (node, address) => {
    expect(nodeAddress(node)).toBe(address);
  });
});
