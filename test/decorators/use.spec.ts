import { describe, expect, it } from 'vitest';
import { classMiddleware, methodMiddleware } from '../../src/decorators/metadata.js';
import { Use } from '../../src/decorators/use.js';
import type { Middleware } from '../../src/http/handler.js';

const named = (name: string): Middleware => Object.defineProperty(() => {}, 'name', { value: name });
const names = (list: readonly { name: string }[]) => list.map((each) => each.name);
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(named) as [Middleware, Middleware, Middleware, Middleware];

describe('@Use', () => {
  it('keeps the written order: left to right, top decorator first', () => {
    @Use(a, b)
    @Use(c)
    class Holder {
      @Use(d)
      @Use(b, a)
      handle() {}
    }
    expect(names(classMiddleware(Holder))).toEqual(['a', 'b', 'c']);
    expect(names(methodMiddleware(Holder, 'handle'))).toEqual(['d', 'b', 'a']);
  });

  it('accepts a class with a handle method', () => {
    class Audit {
      handle() {}
    }
    @Use(Audit)
    class Holder {}
    expect(classMiddleware(Holder)).toEqual([Audit]);
  });

  it('puts the middleware of a base class outside that of its subclass', () => {
    @Use(a)
    class Base {}
    @Use(b)
    class Derived extends Base {}
    expect(names(classMiddleware(Derived))).toEqual(['a', 'b']);
  });

  it('gives a method the middleware of the nearest class that names any', () => {
    class Base {
      @Use(a) kept() {}
      @Use(a) replaced() {}
    }
    class Derived extends Base {
      override kept() {}
      @Use(b) override replaced() {}
    }
    expect(names(methodMiddleware(Derived, 'kept'))).toEqual(['a']);
    expect(names(methodMiddleware(Derived, 'replaced'))).toEqual(['b']);
  });
});
