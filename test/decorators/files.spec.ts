import { describe, expect, it } from 'vitest';
import { File, Files, Multipart, Parts } from '../../src/decorators/files.js';
import { methodParameters, type ParameterRecord } from '../../src/decorators/metadata.js';

type Decorator = (target: object, key: string, index: number) => void;

describe('the decorators of files', () => {
  it.each<[unknown, Partial<ParameterRecord>]>([
    [File('avatar'), { source: 'file', name: 'avatar', decorator: '@File("avatar")' }],
    [File('avatar?'), { source: 'file', name: 'avatar', isOptional: true, decorator: '@File("avatar?")' }],
    [Files('photos'), { source: 'files', name: 'photos', decorator: '@Files("photos")' }],
    [Files('photos?'), { source: 'files', name: 'photos', isOptional: true, decorator: '@Files("photos?")' }],
    [Files(), { source: 'files', decorator: '@Files()' }],
    [Parts(), { source: 'parts', decorator: '@Parts()' }],
  ])('record what %# stands for', (decorator, expected) => {
    class Holder {
      handle() {}
    }
    (decorator as Decorator)(Holder.prototype, 'handle', 0);
    const none = { name: undefined, isOptional: false, hasSchema: false, schema: undefined, resolver: undefined };
    expect(methodParameters(Holder, 'handle').records).toEqual([
      { ...none, handlerKey: 'handle', index: 0, isStatic: false, ...expected },
    ]);
  });
});

describe('@Multipart', () => {
  @Multipart({ maxFiles: 1 })
  class Base {
    handle() {}
    inherited() {}
  }

  @Multipart({ maxFiles: 2 })
  class Derived extends Base {
    @Multipart({ maxFiles: 3 })
    override handle() {}
  }

  it.each([
    ['handle', Derived, [3, 2, 1]],
    ['inherited', Derived, [2, 1]],
    ['handle', Base, [1]],
  ] as const)('is recorded closest first: %s of %s', (key, holder, expected) => {
    const { multiparts } = methodParameters(holder, key);
    expect(multiparts.map(({ options }) => options.maxFiles)).toEqual(expected);
  });
});
