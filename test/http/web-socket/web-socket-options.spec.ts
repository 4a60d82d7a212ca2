import { describe, expect, it } from 'vitest';
import { checkWebSocketOptions } from '../../../src/http/web-socket/web-socket-options.js';

describe('checkWebSocketOptions', () => {
  it('fills in what is safe', () => {
    expect(checkWebSocketOptions()).toEqual({
      origins: [],
      protocols: [],
      maxMessageSize: 1_048_576,
      maxQueueSize: 1_048_576,
      pingInterval: 30_000,
      pingTimeout: 10_000,
      idleTimeout: Number.POSITIVE_INFINITY,
      closeTimeout: 5_000,
      deflate: false,
    });
  });

  it('waits for an answer to a ping no longer than to the next', () => {
    expect(checkWebSocketOptions({ pingInterval: 1000 }).pingTimeout).toBe(1000);
  });

  it.each<[unknown, string]>([
    [{ maxPayload: 1 }, 'unknown option "maxPayload"; known are origins, protocols, deflate, maxMessageSize'],
    [null, 'options must be an object, got null'],
    [{ deflate: 1 }, 'deflate must be true or false, got 1'],
    [{ origins: 'https://a.example' }, 'origins must be "*" or a list of origins'],
    [
      { origins: ['https://a.example/'] },
      'origins must be "*" or a list of origins such as "https://app.example", got',
    ],
    [{ origins: ['a.example'] }, 'origins must be'],
    [{ origins: ['*'] }, 'origins must be'],
    [{ protocols: ['a b'] }, 'protocols must be a list of different tokens, got ["a b"]'],
    [{ protocols: ['a', 'a'] }, 'protocols must be a list of different tokens'],
    [{ protocols: 'a' }, 'protocols must be a list of different tokens'],
    [{ maxMessageSize: 0 }, 'maxMessageSize must be a whole number from 1 to 2147483647, or Infinity, got 0'],
    [{ maxMessageSize: 2 ** 31 }, 'maxMessageSize must be'],
    [{ pingInterval: '1s' }, 'pingInterval must be a whole number'],
    [
      { pingTimeout: Number.POSITIVE_INFINITY },
      'pingTimeout must be a whole number from 1 to 2147483647, got Infinity',
    ],
    [{ closeTimeout: 1.5 }, 'closeTimeout must be'],
  ])('refuses %j', (options, message) => {
    expect(() => checkWebSocketOptions(options as never)).toThrow(message);
  });
});
