import { describe, expect, it } from 'vitest';
import { Controller } from '../../src/decorators/controller.js';
import { constructorTypes, lineage, methodParameters, ownRecords } from '../../src/decorators/metadata.js';
import { Param, Query } from '../../src/decorators/parameters.js';
import { Get } from '../../src/decorators/route.js';

class Store {}
class Clock {}

describe('methodParameters', () => {
  it('reads the emitted types of every parameter', () => {
    class Holder {
      @Get() handle(
        @Query('a') _a: string,
        @Query('b?') _b?: number,
        @Query('c?') _c: boolean = true,
        @Query('d?') _d?: bigint,
        @Query('e?') _e?: Date,
        @Query('f?') _f?: URL,
        @Query('g?') _g?: string[],
      ) {}
    }
    expect(methodParameters(Holder, 'handle').types).toEqual([String, Number, Boolean, BigInt, Date, URL, Array]);
  });

  it('has no types where the compiler emitted none', () => {
    class Holder {
      handle() {}
    }
    expect(methodParameters(Holder, 'handle')).toEqual({ records: [], types: undefined, multiparts: [] });
  });

  it('takes the parameters of an overriding method together with their types', () => {
    class Base {
      @Get() a(@Param('id') _id: number) {}
      @Get() b(@Param('id') _id: number) {}
    }
    class Derived extends Base {
      override a(@Query('id') _id: number) {}
      override b() {}
    }
    expect(methodParameters(Derived, 'a')).toMatchObject({ records: [{ source: 'query' }] });
    expect(methodParameters(Derived, 'b')).toMatchObject({ records: [{ source: 'param' }], types: [Number] });
  });
});

describe('constructorTypes', () => {
  it('reads the emitted types of a decorated class', () => {
    @Controller()
    class Holder {
      constructor(
        readonly store: Store,
        readonly clock: Clock,
      ) {}
    }
    expect(constructorTypes(Holder)).toEqual([Store, Clock]);
  });

  it('inherits them with the constructor', () => {
    @Controller()
    class Base {
      constructor(readonly store: Store) {}
    }
    class Derived extends Base {}
    expect(constructorTypes(Derived)).toEqual([Store]);
  });

  it('does not lend them to a constructor that the compiler emitted nothing for', () => {
    @Controller()
    class Base {
      constructor(readonly store: Store) {}
    }
    class Derived extends Base {
      constructor(
        store: Store,
        readonly clock: Clock,
      ) {
        super(store);
      }
    }
    expect(constructorTypes(Derived)).toBeUndefined();
  });
});

describe('the records', () => {
  it('belong to one class', () => {
    class Base {
      @Get() handle() {}
    }
    class Derived extends Base {}
    expect(ownRecords(Derived)).toBeUndefined();
    expect(ownRecords(Base)?.routes).toHaveLength(1);
  });

  it('are found along the classes that a class extends, nearest first', () => {
    class Base {}
    class Derived extends Base {}
    expect(lineage(Derived)).toEqual([Derived, Base]);
  });
});
