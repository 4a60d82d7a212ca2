import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { replyRecords } from '../../src/decorators/metadata.js';
import { Returns, Status } from '../../src/decorators/replies.js';

const schema = z.string();

describe('the decorators of replies', () => {
  it('record a status, with or without a schema, in the written order', () => {
    class Holder {
      @Status(202)
      @Returns(200, schema)
      handle() {
        return '';
      }
    }
    const shared = { handlerKey: 'handle', isStatic: false };
    expect(replyRecords(Holder, 'handle')).toEqual([
      { ...shared, status: 202, schema: undefined, decorator: '@Status' },
      { ...shared, status: 200, schema, decorator: '@Returns' },
    ]);
  });

  it('are inherited until an overriding method has its own', () => {
    class Base {
      @Status(201) a() {}
      @Status(201) b() {}
    }
    class Derived extends Base {
      @Status(202) override b() {}
    }
    expect(replyRecords(Derived, 'a')).toMatchObject([{ status: 201 }]);
    expect(replyRecords(Derived, 'b')).toMatchObject([{ status: 202 }]);
  });
});
