import { describe, expect, it } from 'vitest';
import { HttpError } from '../../src/http/http-error.js';
import {
  checkPreconditions,
  evaluatePreconditions,
  type PreconditionOptions,
  parseEntityTags,
  rangeApplies,
  type Validators,
} from '../../src/http/preconditions.js';

const OLDER = 'Sun, 06 Nov 1994 08:49:36 GMT';
const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';
const NEWER = 'Sun, 06 Nov 1994 08:49:38 GMT';
const STRONG: Validators = { etag: '"a"', lastModified: DATE };
const WEAK: Validators = { etag: 'W/"a"', lastModified: DATE };
const BARE: Validators = {};

function requestOf(method: string, fields: Readonly<Record<string, string>>) {
  return { method, headers: { get: (name: string) => fields[name] } };
}

type Row = [title: string, method: string, fields: Record<string, string>, current: Validators | undefined, is: string];

describe('evaluatePreconditions', () => {
  it.each<Row>([
    ['nothing asked', 'GET', {}, STRONG, 'proceed'],

    // RFC 9110 §13.1.1
    ['If-Match: the tag', 'PUT', { 'if-match': '"a"' }, STRONG, 'proceed'],
    ['If-Match: one of several', 'PUT', { 'if-match': '"x", "a"' }, STRONG, 'proceed'],
    ['If-Match: another tag', 'PUT', { 'if-match': '"b"' }, STRONG, 'failed'],
    ['If-Match: a weak tag of the client', 'PUT', { 'if-match': 'W/"a"' }, STRONG, 'failed'],
    ['If-Match: a weak tag of the resource', 'PUT', { 'if-match': 'W/"a"' }, WEAK, 'failed'],
    ['If-Match: *', 'PUT', { 'if-match': '*' }, BARE, 'proceed'],
    ['If-Match: * where nothing is', 'PUT', { 'if-match': '*' }, undefined, 'failed'],
    ['If-Match: a tag where nothing is', 'PUT', { 'if-match': '"a"' }, undefined, 'failed'],
    ['If-Match: a tag where there is none', 'PUT', { 'if-match': '"a"' }, BARE, 'failed'],
    ['If-Match that is malformed', 'PUT', { 'if-match': 'a' }, STRONG, 'failed'],
    ['If-Match: another tag, for GET', 'GET', { 'if-match': '"b"' }, STRONG, 'failed'],

    // RFC 9110 §13.1.4
    ['If-Unmodified-Since: the date', 'PUT', { 'if-unmodified-since': DATE }, STRONG, 'proceed'],
    ['If-Unmodified-Since: before', 'PUT', { 'if-unmodified-since': OLDER }, STRONG, 'failed'],
    ['If-Unmodified-Since: no date', 'PUT', { 'if-unmodified-since': '1' }, STRONG, 'proceed'],
    ['If-Unmodified-Since, none known', 'PUT', { 'if-unmodified-since': OLDER }, BARE, 'proceed'],
    [
      'If-Match goes before If-Unmodified-Since',
      'PUT',
      { 'if-match': '"a"', 'if-unmodified-since': OLDER },
      STRONG,
      'proceed',
    ],

    // RFC 9110 §13.1.2
    ['If-None-Match: the tag', 'GET', { 'if-none-match': '"a"' }, STRONG, 'not-modified'],
    ['If-None-Match: the tag, for HEAD', 'HEAD', { 'if-none-match': '"a"' }, STRONG, 'not-modified'],
    ['If-None-Match: a weak tag of the client', 'GET', { 'if-none-match': 'W/"a"' }, STRONG, 'not-modified'],
    ['If-None-Match: a weak tag of the resource', 'GET', { 'if-none-match': '"a"' }, WEAK, 'not-modified'],
    ['If-None-Match: another tag', 'GET', { 'if-none-match': '"b"' }, STRONG, 'proceed'],
    ['If-None-Match: *', 'GET', { 'if-none-match': '*' }, BARE, 'not-modified'],
    ['If-None-Match: the tag, for PUT', 'PUT', { 'if-none-match': '"a"' }, STRONG, 'failed'],
    ['If-None-Match: * for PUT of what is there', 'PUT', { 'if-none-match': '*' }, BARE, 'failed'],
    ['If-None-Match: * for PUT of what is not', 'PUT', { 'if-none-match': '*' }, undefined, 'proceed'],
    ['If-None-Match that is malformed', 'GET', { 'if-none-match': 'a' }, STRONG, 'proceed'],
    ['If-None-Match that is malformed, for PUT', 'PUT', { 'if-none-match': 'a' }, STRONG, 'failed'],

    // RFC 9110 §13.1.3
    ['If-Modified-Since: the date', 'GET', { 'if-modified-since': DATE }, STRONG, 'not-modified'],
    ['If-Modified-Since: after', 'GET', { 'if-modified-since': NEWER }, STRONG, 'not-modified'],
    ['If-Modified-Since: before', 'GET', { 'if-modified-since': OLDER }, STRONG, 'proceed'],
    ['If-Modified-Since: no date', 'GET', { 'if-modified-since': '2999' }, STRONG, 'proceed'],
    ['If-Modified-Since, none known', 'GET', { 'if-modified-since': DATE }, BARE, 'proceed'],
    ['If-Modified-Since for POST', 'POST', { 'if-modified-since': DATE }, STRONG, 'proceed'],
    [
      'If-None-Match goes before If-Modified-Since',
      'GET',
      { 'if-none-match': '"b"', 'if-modified-since': DATE },
      STRONG,
      'proceed',
    ],
    ['If-Match and then If-None-Match', 'GET', { 'if-match': '"a"', 'if-none-match': '"a"' }, STRONG, 'not-modified'],
  ])('%s', (_title, method, fields, current, outcome) => {
    expect(evaluatePreconditions(requestOf(method, fields), current)).toBe(outcome);
  });

  it('compares dates by the whole seconds that a field can tell', () => {
    const current = { lastModified: new Date(Date.parse(DATE) + 999) };
    expect(evaluatePreconditions(requestOf('GET', { 'if-modified-since': DATE }), current)).toBe('not-modified');
  });
});

describe('parseEntityTags', () => {
  it.each<[list: string, tags: string[] | undefined]>([
    ['"a"', ['"a"']],
    ['"a", W/"b"', ['"a"', 'W/"b"']],
    ['"a,b" ,\t"c"', ['"a,b"', '"c"']],
    [', "a",, ', ['"a"']],
    ['""', ['""']],
    ['*', []],
    ['"\xe9"', ['"\xe9"']],
    ['a', undefined],
    ['"a" "b"', undefined],
    ['w/"a"', undefined],
    ['"a', undefined],
    ['"a b"', undefined],
  ])('%j is %j', (list, tags) => {
    expect(parseEntityTags(list)).toEqual(tags);
  });

  it('takes no longer for a long list than its length', () => {
    const list = ', '.repeat(8_000);
    expect(parseEntityTags(`${list}x`)).toBeUndefined();
  });
});

describe('rangeApplies', () => {
  const range = { range: 'bytes=0-1' };
  it.each<[title: string, method: string, fields: Record<string, string>, current: Validators, expected: boolean]>([
    ['a Range alone applies', 'GET', range, STRONG, true],
    ['not without Range', 'GET', {}, STRONG, false],
    ['not to HEAD', 'HEAD', range, STRONG, false],
    ['with the tag', 'GET', { ...range, 'if-range': '"a"' }, STRONG, true],
    ['not with another tag', 'GET', { ...range, 'if-range': '"b"' }, STRONG, false],
    ['not with a weak tag', 'GET', { ...range, 'if-range': 'W/"a"' }, WEAK, false],
    ['with the date', 'GET', { ...range, 'if-range': DATE }, STRONG, true],
    ['not with a later date', 'GET', { ...range, 'if-range': NEWER }, STRONG, false],
    ['not with what is neither', 'GET', { ...range, 'if-range': 'a' }, STRONG, false],
  ])('%s', (_title, method, fields, current, expected) => {
    expect(rangeApplies(requestOf(method, fields), current)).toBe(expected);
  });
});

describe('checkPreconditions', () => {
  type Check = [
    title: string,
    fields: Record<string, string>,
    current: Validators | undefined,
    options: PreconditionOptions,
    status: number | undefined,
  ];
  it.each<Check>([
    ['passes what holds', { 'if-match': '"a"' }, STRONG, {}, undefined],
    ['passes what asks for nothing', {}, STRONG, {}, undefined],
    ['throws 412 for what does not hold', { 'if-match': '"b"' }, STRONG, {}, 412],
    ['throws 428 where one is required', {}, STRONG, { required: true }, 428],
    ['throws 428 where one is required to create', {}, undefined, { required: true }, 428],
    ['throws 412 before 428', { 'if-match': '"b"' }, STRONG, { required: true }, 412],
    ['is content with If-Match', { 'if-match': '"a"' }, STRONG, { required: true }, undefined],
    ['is content with a date', { 'if-unmodified-since': DATE }, STRONG, { required: true }, undefined],
    ['is not content with a date that says nothing', { 'if-unmodified-since': DATE }, BARE, { required: true }, 428],
    ['is content with If-None-Match: *', { 'if-none-match': '*' }, undefined, { required: true }, undefined],
    ['throws 412 for If-None-Match: * of what is there', { 'if-none-match': '*' }, STRONG, { required: true }, 412],
  ])('%s', (_title, fields, current, options, status) => {
    let found: unknown;
    try {
      checkPreconditions(requestOf('PUT', fields), current, options);
    } catch (error) {
      found = error instanceof HttpError ? error.status : error;
    }
    expect(found).toBe(status);
  });
});
