import { describe, expect, it } from 'vitest';
import { MaxBodySize, Timeout } from '../../src/decorators/limits.js';
import { errorRecords, fileOf, limitRecord } from '../../src/decorators/metadata.js';
import { OnError } from '../../src/decorators/on-error.js';

class Missing extends Error {}
class Gone extends Error {}

class Base {
  @OnError(Missing) missing() {}
}
class Derived extends Base {
  @OnError(Gone) gone() {}
}

describe('@OnError', () => {
  it('records the class of errors, the nearest class first', () => {
    expect(
      errorRecords(Derived).map(({ errorClass, handlerKey, decorator }) => [errorClass, handlerKey, decorator]),
    ).toEqual([
      [Gone, 'gone', '@OnError(Gone)'],
      [Missing, 'missing', '@OnError(Missing)'],
    ]);
  });
});

describe('a limit', () => {
  @Timeout(1)
  @MaxBodySize(10)
  class Limited {
    @Timeout(2) own() {}
    inherited() {}
  }
  @Timeout(3)
  class Nearer extends Limited {
    @MaxBodySize(20) other() {}
  }

  it.each([
    ['of the method', Limited, 'own', 'timeout', 2],
    ['of the class', Limited, 'inherited', 'timeout', 1],
    ['of an inherited method', Nearer, 'own', 'timeout', 2],
    ['of the nearest class', Nearer, 'inherited', 'timeout', 3],
    ['of a class above', Nearer, 'inherited', 'maxBodySize', 10],
    ['of the method again', Nearer, 'other', 'maxBodySize', 20],
    ['that nobody sets', Base, 'missing', 'timeout', undefined],
  ] as const)('is that %s', (_title, holder, key, kind, value) => {
    expect(limitRecord(holder, key, kind)?.value).toBe(value);
  });
});

describe('the file of a class', () => {
  it('is that of its first decorator', () => {
    expect(fileOf(Base)).toBe('test/decorators/on-error.spec.ts');
  });

  it('is not known without one', () => {
    expect(fileOf(class Plain {})).toBeUndefined();
  });

  it('leaves the limit of stack traces as it was', () => {
    const before = Error.stackTraceLimit;
    Timeout(1)(class Decorated {});
    expect(Error.stackTraceLimit).toBe(before);
  });
});
