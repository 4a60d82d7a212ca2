import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Class, Controller, checkApp, Doc, Get, OnError, Query, Security } from '../../../src/index.js';

const findings = (controller: Class) => checkApp({ controllers: [controller] }).errors.map(({ message }) => message);

describe('boot refuses', () => {
  it('what is of one method above a class', () => {
    @Controller()
    @Doc({ summary: 'All', operationId: 'all' })
    class A {
      @Get() a() {}
    }
    expect(findings(A)).toEqual([
      'A: expected @Doc of a class without summary, found summary. Write it above the method.',
      'A: expected @Doc of a class without operationId, found operationId. Write it above the method.',
    ]);
  });

  it('parameters that are not there', () => {
    @Controller()
    class A {
      @Get('/a') @Doc({ parameters: { pgae: 'Which.' } }) a(@Query('page?') page: number = 1) {
        return page;
      }
      @Get('/b') @Doc({ parameters: { page: 'Which.' } }) b() {}
    }
    expect(findings(A)).toEqual([
      'A.a: expected a parameter named pgae, as @Doc has it, found page. Correct the name, or remove it.',
      'A.b: expected a parameter named page, as @Doc has it, found a method without any. Correct the name, or remove it.',
    ]);
  });

  it('a status that is none', () => {
    @Controller()
    class A {
      @Get() @Doc({ responses: { 4040: 'Gone.' } }) a() {}
    }
    expect(findings(A)).toEqual([
      'A.a: expected statuses in the responses of @Doc, found 4040. A status has three digits.',
    ]);
  });

  it('two where one is enough', () => {
    @Controller()
    class A {
      @Get() @Doc({ summary: 'a' }) @Doc({ summary: 'b' }) a() {}
    }
    expect(findings(A)).toEqual(['A.a: expected one @Doc, found 2. Write one with all.']);
  });

  it('both decorators where there is no route', () => {
    @Controller()
    class A {
      @Get() a() {}
      @Doc({ summary: 'b' }) b() {}
      @Security('x', { type: 'mutualTLS' }) c() {}
      @OnError(TypeError) @Doc({ summary: 'd' }) d() {}
    }
    expect(findings(A).sort()).toEqual([
      expect.stringContaining('A.b: expected a route beside @Doc, found none'),
      expect.stringContaining('A.c: expected a route beside @Security("x"), found none'),
      expect.stringContaining('A.d: expected a route beside @Doc, found none'),
    ]);
  });
});

it('lets the fields of a whole set be described', () => {
  @Controller()
  class A {
    @Get() @Doc({ parameters: { page: 'Which.' } }) a(@Query(z.object({ page: z.string() })) all: object) {
      return all;
    }
  }
  expect(findings(A)).toEqual([]);
});
