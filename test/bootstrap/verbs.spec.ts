import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as luminaire from '../../src/index.js';
import {
  type Application,
  bootstrap,
  Connect,
  Controller,
  MSearch,
  Notify,
  Param,
  Req,
  Route,
} from '../../src/index.js';
import { METHODS, verbName } from '../../src/protocol/methods.js';
import { exchange } from '../support/raw-client.js';

type Decorate = (path: string) => MethodDecorator;

/** The decorator of a method, found by its mechanical name. */
function decoratorOf(method: (typeof METHODS)[number]): Decorate {
  const verb = verbName(method);
  const name = verb.charAt(0).toUpperCase() + verb.slice(1);
  return (luminaire as unknown as Record<string, Decorate>)[name] as Decorate;
}

class Base {}
const ORDINARY = METHODS.filter((method) => method !== 'CONNECT');
for (const method of ORDINARY) {
  const key = verbName(method);
  Object.defineProperty(Base.prototype, key, { value: () => `${method} served`, configurable: true, writable: true });
  const descriptor = Object.getOwnPropertyDescriptor(Base.prototype, key);
  decoratorOf(method)(`/${key}`)(Base.prototype, key, descriptor as TypedPropertyDescriptor<unknown>);
}

@Controller('/verbs')
class VerbController extends Base {
  @Connect('*')
  connect(@Req() req: luminaire.Request): string {
    return `tunnel to ${req.url.authority}`;
  }

  @MSearch('*')
  discover(): string {
    return 'M-SEARCH * served';
  }

  @Notify('*')
  notified(): string {
    return 'NOTIFY * served';
  }

  @Route('QUERY', '/query/:what')
  query(@Param('what') what: string): string {
    return `QUERY ${what}`;
  }

  @Route('BREW', '/pot')
  brew(): string {
    return 'BREW served';
  }
}

describe('a decorated method, over a real socket', () => {
  let app: Application;
  beforeAll(async () => {
    app = await bootstrap({ controllers: [VerbController], port: 0, host: '127.0.0.1', closeOnSignals: false });
  });
  afterAll(() => app.close());

  const send = (method: string, target: string): Promise<string> =>
    exchange(app.server.port, `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);

  it('has a decorator for each of the 33 methods', () => {
    expect(METHODS).toHaveLength(33);
    for (const method of METHODS) expect(decoratorOf(method), method).toBeTypeOf('function');
  });

  it.each(ORDINARY)('serves %s and nothing else with it', async (method) => {
    const path = `/verbs/${verbName(method)}`;
    const answer = await send(method, path);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    if (method !== 'HEAD') expect(answer.endsWith(`\r\n\r\n${method} served`)).toBe(true);
    const other = await send(method === 'PATCH' ? 'PURGE' : 'PATCH', path);
    expect(other).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/);
    const allow = /\r\nAllow: ([^\r]*)\r\n/.exec(other)?.[1]?.split(', ');
    expect(allow).toEqual([...new Set([method, 'OPTIONS', ...(method === 'GET' ? ['HEAD'] : [])])].sort());
  });

  it('serves CONNECT by its authority', async () => {
    const answer = await send('CONNECT', 'example.com:443');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).not.toMatch(/content-length|transfer-encoding/i);
    expect(answer.endsWith('\r\n\r\ntunnel to example.com:443')).toBe(true);
  });

  it('serves M-SEARCH and NOTIFY in asterisk-form, without the prefix, and answers 405 to others there', async () => {
    expect(await send('M-SEARCH', '*')).toMatch(/M-SEARCH \* served$/);
    expect(await send('NOTIFY', '*')).toMatch(/NOTIFY \* served$/);
    const other = await send('PURGE', '*');
    expect(other).toMatch(/^HTTP\/1\.1 405 /);
    expect(other).toContain('\r\nAllow: CONNECT, M-SEARCH, NOTIFY, OPTIONS\r\n');
  });

  it('answers OPTIONS * with every method of the application', async () => {
    const answer = await send('OPTIONS', '*');
    expect(answer).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
    expect(/\r\nAllow: ([^\r]*)\r\n/.exec(answer)?.[1]?.split(', ')).toEqual([...METHODS, 'BREW', 'QUERY'].sort());
  });

  it('serves any other token, and answers 501 to one that nobody uses', async () => {
    expect(await send('QUERY', '/verbs/query/this')).toMatch(/QUERY this$/);
    expect(await send('BREW', '/verbs/pot')).toMatch(/BREW served$/);
    expect(await send('WHEN', '/verbs/pot')).toMatch(/^HTTP\/1\.1 501 Not Implemented\r\n/);
  });
});
