import { expect, it } from 'vitest';
import { parseHttpDate } from '../../src/http/http-date.js';

const TIME = Date.UTC(1994, 10, 6, 8, 49, 37);

it.each<[title: string, text: string, time: number | undefined]>([
  ['reads IMF-fixdate', 'Sun, 06 Nov 1994 08:49:37 GMT', TIME],
  ['reads the form of RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT', TIME],
  ['reads the form of asctime, as GMT', 'Sun Nov  6 08:49:37 1994', TIME],
  ['takes no other zone', 'Sun, 06 Nov 1994 08:49:37 +0100', undefined],
  ['takes no date of ISO 8601', '1994-11-06T08:49:37Z', undefined],
  ['takes no bare number', '0', undefined],
  ['takes no month that does not exist', 'Sun, 06 Abc 1994 08:49:37 GMT', undefined],
  ['takes no hour that does not exist', 'Sun, 06 Nov 1994 33:49:37 GMT', undefined],
  ['takes no empty text', '', undefined],
])('%s', (_title, text, time) => {
  expect(parseHttpDate(text)).toBe(time);
});
