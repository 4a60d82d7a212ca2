import { describe, expect, it } from 'vitest';
import { producesRecords } from '../../src/decorators/metadata.js';
import { Produces } from '../../src/decorators/produces.js';

const toCsv = () => '';
const toHtml = () => '';
const json = { type: 'application/json', hasEncoder: false, encoder: undefined };
const csv = { type: 'text/csv', hasEncoder: true, encoder: toCsv };
const html = { type: 'text/html', hasEncoder: true, encoder: toHtml };

describe('@Produces', () => {
  it('records types and their encoders in the written order', () => {
    class Holder {
      @Produces({ 'text/csv': toCsv }, 'application/json', { 'text/html': toHtml }) a() {}
    }
    expect(producesRecords(Holder, 'a')).toEqual([
      { handlerKey: 'a', isStatic: false, representations: [csv, json, html] },
    ]);
  });

  it('is inherited until an overriding method has its own', () => {
    class Base {
      @Produces('application/json') a() {}
      @Produces('application/json') b() {}
    }
    class Derived extends Base {
      @Produces({ 'text/csv': toCsv }) override b() {}
    }
    expect(producesRecords(Derived, 'a')).toMatchObject([{ representations: [json] }]);
    expect(producesRecords(Derived, 'b')).toMatchObject([{ representations: [csv] }]);
  });
});
