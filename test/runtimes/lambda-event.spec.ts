import { describe, expect, it } from 'vitest';
import { eventRequest, type HttpEvent } from '../../src/runtimes/lambda-event.js';

const EVENT: HttpEvent = {
  version: '2.0',
  rawPath: '/',
  rawQueryString: '',
  headers: { host: 'h' },
  isBase64Encoded: false,
  requestContext: { domainName: 'd', http: { method: 'GET', sourceIp: '1.2.3.4' } },
};
const post = { ...EVENT.requestContext, http: { ...EVENT.requestContext.http, method: 'POST' } };

describe('eventRequest', () => {
  it.each([
    ['a path and a query', { rawPath: '/a%20b', rawQueryString: 'c=d&e' }, 'https://h/a%20b?c=d&e'],
    ['a path that was decoded', { rawPath: '/a b?c#d' }, 'https://h/a%20b%3Fc%23d'],
    ['a path that looks like a host', { rawPath: '//a' }, 'https://h//a'],
    ['no Host field', { headers: {} }, 'https://d/'],
  ])('reads %s', (_title, parts, url) => {
    expect(eventRequest({ ...EVENT, ...parts }).url).toBe(url);
  });

  it('reads fields, and cookies of their own', () => {
    const request = eventRequest({
      ...EVENT,
      headers: { host: 'h', x: '1, 2', y: undefined },
      cookies: ['a=1', 'b=2'],
    });
    expect(Object.fromEntries(request.headers)).toEqual({ host: 'h', x: '1, 2', cookie: 'a=1; b=2' });
  });

  it.each([
    ['text', { body: 'é' }, 'é'],
    ['bytes', { body: Buffer.from('é').toString('base64'), isBase64Encoded: true }, 'é'],
    ['nothing', {}, ''],
  ])('reads content that is %s', async (_title, content, text) => {
    const request = eventRequest({ ...EVENT, requestContext: post, ...content });
    expect([request.method, await request.text()]).toEqual(['POST', text]);
  });

  it('leaves out content where none is possible', () => {
    expect(eventRequest({ ...EVENT, body: '' }).body).toBeNull();
  });

  it('refuses the older format', () => {
    expect(() => eventRequest({ ...EVENT, version: '1.0' })).toThrow('format 2.0');
  });
});
