import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { settleAtOneOf } from '../../src/server/settle-at-one-of.js';

it('settles at the first event, once, and listens to none after', () => {
  const emitter = new EventEmitter();
  let settled = 0;
  settleAtOneOf(emitter, ['a', 'b'], () => void settled++);
  emitter.emit('b');
  emitter.emit('a');
  expect([settled, emitter.eventNames()]).toEqual([1, []]);
});

it('does not settle once it is stopped', () => {
  const emitter = new EventEmitter();
  let settled = 0;
  settleAtOneOf(emitter, ['a', 'b'], () => void settled++)();
  emitter.emit('a');
  expect([settled, emitter.eventNames()]).toEqual([0, []]);
});
