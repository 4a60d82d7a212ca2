import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { methodParameters, type ParameterRecord } from '../../src/decorators/metadata.js';
import * as from from '../../src/decorators/parameters.js';

const schema = z.string();
class Resolver {
  resolve() {
    return '';
  }
}

type Decorator = (target: object, key: string, index: number) => void;

describe('the decorators of parameters', () => {
  it.each<[unknown, Partial<ParameterRecord>]>([
    [from.Param('id'), { source: 'param', name: 'id', decorator: '@Param("id")' }],
    [from.Param('id?'), { source: 'param', name: 'id', isOptional: true, decorator: '@Param("id?")' }],
    [from.Query('q'), { source: 'query', name: 'q', decorator: '@Query("q")' }],
    [from.Query('q?'), { source: 'query', name: 'q', isOptional: true, decorator: '@Query("q?")' }],
    [from.Query('q', schema), { source: 'query', name: 'q', schema, decorator: '@Query("q", schema)' }],
    [from.Query(schema), { source: 'query', schema, decorator: '@Query(schema)' }],
    [from.Header('ETag'), { source: 'header', name: 'ETag', decorator: '@Header("ETag")' }],
    [from.Header(schema), { source: 'header', schema, decorator: '@Header(schema)' }],
    [from.Cookie('sid'), { source: 'cookie', name: 'sid', decorator: '@Cookie("sid")' }],
    [from.Body(), { source: 'body', decorator: '@Body()' }],
    [from.Body(schema), { source: 'body', schema, decorator: '@Body(schema)' }],
    [from.From(Resolver), { source: 'from', resolver: Resolver, decorator: '@From(Resolver)' }],
    [from.Signal(), { source: 'signal', decorator: '@Signal()' }],
    [from.Req(), { source: 'req', decorator: '@Req()' }],
    [from.Res(), { source: 'res', decorator: '@Res()' }],
    [from.LastEventId(), { source: 'last-event-id', isOptional: true, decorator: '@LastEventId()' }],
  ])('record what %# stands for', (decorator, expected) => {
    class Holder {
      handle() {}
    }
    (decorator as Decorator)(Holder.prototype, 'handle', 0);
    expect(methodParameters(Holder, 'handle').records).toEqual([
      {
        handlerKey: 'handle',
        index: 0,
        isStatic: false,
        name: undefined,
        isOptional: false,
        hasSchema: 'schema' in expected,
        schema: undefined,
        resolver: undefined,
        ...expected,
      },
    ]);
  });

  it('are read in argument order', () => {
    class Holder {
      handle(@from.Query('a') _a: string, _plain: number, @from.Query('c') _c: string) {}
    }
    expect(methodParameters(Holder, 'handle').records.map((record) => record.index)).toEqual([0, 2]);
  });
});
