import { expect, it } from 'vitest';
import { z } from 'zod';
import { BadMessage, readJson, readRaw } from '../../../src/http/web-socket/web-socket-message.js';

const read = readJson(z.object({ at: z.object({ x: z.number() }).strict().optional() }));

it.each([
  ['what fits', '{"at":{"x":1}}', { at: { x: 1 } }],
  ['what the schema makes of it', '{"more":1}', {}],
  ['bytes', Buffer.from('{}'), new BadMessage(1003, 'Messages are JSON, sent as text.')],
  ['nothing', '', new BadMessage(1007, 'The content is not valid JSON: unexpected end at offset 0.')],
  ['half a value', '{', new BadMessage(1007, 'The content is not valid JSON: unexpected end at offset 1.')],
  ['what is no object', '1', new BadMessage(1008, 'Invalid input: expected object, received number')],
  ['what does not fit within', '{"at":{"x":""}}', new BadMessage(1008, 'at.x: Invalid input: expected number, received string')], // biome-ignore format: one row
])('readJson reads %s', async (_title, raw, message) => {
  expect(await read(raw)).toEqual(message);
});

it.each([
  ['no path', {}, 'wrong'],
  ['a path of keys', { path: ['a', 0] }, 'a.0: wrong'],
  ['a path of segments', { path: [{ key: 'a' }] }, 'a: wrong'],
])('readJson says where, with %s', async (_title, place, reason) => {
  const validate = () => ({ issues: [{ message: 'wrong', ...place }] });
  const refusing = { '~standard': { version: 1 as const, vendor: 'test', validate } };
  expect(await readJson(refusing)('1')).toEqual(new BadMessage(1008, reason));
});

it('readJson lets the schema fail as a fault of its own', async () => {
  const validate = () => {
    throw new Error('broken');
  };
  const broken = { '~standard': { version: 1 as const, vendor: 'test', validate } };
  await expect(readJson(broken)('1')).rejects.toThrow('broken');
});

it('readRaw gives messages as they are', () => {
  expect(readRaw('text')).toBe('text');
});
