import { describe, expect, it } from 'vitest';
import { preferredType } from '../../src/http/accept.js';
import { requestWith, seen } from '../support/served.js';

const JSON_TYPE = 'application/json';
const CSV = 'text/csv';
const HTML = 'text/html; charset=utf-8';
const OFFERS = [JSON_TYPE, CSV, HTML];

describe('preferredType', () => {
  it.each<[title: string, accept: readonly string[], preferred: string | undefined]>([
    ['the first where the client does not say', [], JSON_TYPE],
    ['the first for anything', ['*/*'], JSON_TYPE],
    ['the first for an empty list', [''], JSON_TYPE],
    ['the only one named', ['text/csv'], CSV],
    ['a type in any case', ['TEXT/CSV'], CSV],
    ['a type whose parameter nobody asked for', ['text/html'], HTML],
    ['a type with the parameter asked for', ['text/html;charset=utf-8'], HTML],
    ['the heavier', ['application/json;q=0.5, text/csv;q=0.6'], CSV],
    ['the first offered of a range', ['text/*'], CSV],
    ['the more precisely named of equals', ['*/*, text/csv'], CSV],
    ['what a range does not rule out', ['text/csv;q=0, text/*'], HTML],
    ['over a range of more weight where the type itself has less', ['text/*, text/csv;q=0.1'], HTML],
    ['by all lines together', ['text/csv;q=0.1', 'text/html'], HTML],
    ['HTML for a browser', ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'], HTML],
    ['none where all are ruled out', ['*/*;q=0'], undefined],
    ['none where nothing fits', ['image/png, text/plain'], undefined],
    ['none for what is no media range', ['nonsense'], undefined],
  ])('gives %s', async (_title, accept, preferred) => {
    const fields = accept.map((value) => `Accept: ${value}`);
    expect(await seen(requestWith('', 'POST /', ...fields), (req) => preferredType(req, OFFERS))).toBe(preferred);
  });
});
