import { describe, expect, it } from 'vitest';
import { Controller } from '../../src/decorators/controller.js';
import { controllerRecord } from '../../src/decorators/metadata.js';

describe('@Controller', () => {
  it('records the prefix, and one instance by default', () => {
    @Controller('/todos')
    class Todos {}
    expect(controllerRecord(Todos)).toEqual({ prefix: '/todos', scope: 'singleton' });
  });

  it('records the scope', () => {
    @Controller('', { scope: 'request' })
    class Todos {}
    expect(controllerRecord(Todos)).toEqual({ prefix: '', scope: 'request' });
  });

  it('is not inherited', () => {
    @Controller('/base')
    class Base {}
    class Derived extends Base {}
    expect(controllerRecord(Derived)).toBeUndefined();
  });
});
