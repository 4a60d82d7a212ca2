import { describe, expect, it } from 'vitest';
import { routeRecords } from '../../src/decorators/metadata.js';
import * as decorators from '../../src/decorators/route.js';
import { METHODS, verbName } from '../../src/protocol/methods.js';

const { Get, Head, MSearch, Post, Put, Route, Sse } = decorators;

describe('the decorators of routes', () => {
  it.each(METHODS)('record %s', (method) => {
    const verb = verbName(method);
    const name = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
    const decorator = (decorators as Record<string, unknown>)[name] as typeof Get;
    class Holder {
      handle() {}
    }
    decorator('/x')(Holder.prototype, 'handle', {});
    expect(routeRecords(Holder)).toEqual([
      { method, path: '/x', handlerKey: 'handle', isStatic: false, sends: 'value', decorator: `@${name}` },
    ]);
  });

  it('are one a method, with Route and Sse', () => {
    const names = Object.keys(decorators).filter((name) => /^[A-Z]/.test(name));
    expect(names).toHaveLength(METHODS.length + 2);
  });

  it.each([
    ['get', 'GET'],
    ['M-Search', 'M-SEARCH'],
    ['POST', 'POST'],
    ['QUERY', undefined],
  ])('know which method %s means', (written, meant) => {
    expect(decorators.methodMeant(written)).toBe(meant);
  });

  it('record an empty path when none is given', () => {
    class Holder {
      @Get() handle() {}
    }
    expect(routeRecords(Holder)).toMatchObject([{ path: '' }]);
  });

  it('record any token as it is written', () => {
    class Holder {
      @Route('query', '/x') handle() {}
    }
    expect(routeRecords(Holder)).toMatchObject([{ method: 'query', path: '/x', decorator: '@Route("query")' }]);
  });

  it('record an event stream as a GET', () => {
    class Holder {
      @Sse('/changes') async *changes() {}
    }
    expect(routeRecords(Holder)).toMatchObject([{ method: 'GET', sends: 'events', decorator: '@Sse' }]);
  });

  it('stand on one method together, in the written order', () => {
    class Holder {
      @Get('/a') first() {}
      @Get('/b') @Head('/b') @MSearch('*') second() {}
      @Post('/c') third() {}
    }
    expect(routeRecords(Holder).map((route) => `${route.method} ${route.path}`)).toEqual([
      'GET /a',
      'GET /b',
      'HEAD /b',
      'M-SEARCH *',
      'POST /c',
    ]);
  });

  it('say that a method is static', () => {
    class Holder {
      handle() {}
    }
    // The compiler refuses a static handler, so only JavaScript gets here.
    (Get() as (target: object, key: string, descriptor: object) => void)(Holder, 'handle', {});
    expect(routeRecords(Holder)).toMatchObject([{ isStatic: true }]);
  });

  it('are inherited, and replaced by those of an overriding method', () => {
    class Base {
      @Get('/kept') kept() {}
      @Get('/moved') moved() {}
      @Get('/plain') plain() {}
    }
    class Derived extends Base {
      @Put('/moved-here') override moved() {}
      override plain() {}
      @Post('/own') own() {}
    }
    expect(routeRecords(Derived).map((route) => `${route.method} ${route.path}`)).toEqual([
      'GET /kept',
      'GET /plain',
      'PUT /moved-here',
      'POST /own',
    ]);
    expect(routeRecords(Base)).toHaveLength(3);
  });
});
