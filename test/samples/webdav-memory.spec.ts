import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../samples/webdav/memory-store.js';
import { Dav } from './support/dav.js';

describe('the memory store', () => {
  it('answers 507 once it is full, and has room again for what is removed or replaced', async () => {
    const store = new MemoryStore(100);
    const dav = await Dav.over(() => store);
    await dav.put('a', 'x'.repeat(60));
    expect(await dav.status('PUT', 'b', { body: 'x'.repeat(41) })).toBe(507);
    expect(await dav.copy('a', 'b')).toBe(507);
    expect(await store.space()).toEqual({ available: 40, used: 60 });
    await dav.put('b', 'x'.repeat(40));
    expect(await dav.status('PUT', 'a', { body: 'x' })).toBe(507);
    await dav.expect(204, 'DELETE', 'b');
    await dav.expect(204, 'PUT', 'a', { body: 'x'.repeat(10) });
    expect(await dav.copy('a', 'b')).toBe(201);
    expect(await dav.move('a', 'b')).toBe(204);
    await dav.mkcol('c');
    expect(await dav.move('b', 'c/b')).toBe(201);
    expect(await store.space()).toEqual({ available: 90, used: 10 });
    await dav.expect(204, 'DELETE', 'c');
    expect(await store.space()).toEqual({ available: 100, used: 0 });
  });
});
