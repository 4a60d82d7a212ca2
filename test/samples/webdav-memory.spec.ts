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

  it('counts dead properties as content', async () => {
    const store = new MemoryStore(200);
    const dav = await Dav.over(() => store);
    await dav.put('a', '12345');
    const used = async () => (await store.space()).used;
    await dav.setProperties('a', '<x:p>1</x:p>');
    const withOne = await used();
    expect(withOne).toBeGreaterThan(5 + '<x:p>1</x:p>'.length);
    await dav.expect(204, 'PUT', 'a', { body: '1234567890' });
    expect(await used()).toBe(withOne + 5);
    const tooMuch = `<propertyupdate xmlns="DAV:"><set><prop><y>${'y'.repeat(200)}</y></prop></set></propertyupdate>`;
    expect(await dav.status('PROPPATCH', 'a', { body: tooMuch })).toBe(507);
    expect(await dav.property('a', 'p')).toBe('1');
    await dav.setProperties('a', '<x:p/>');
    expect(await used()).toBe(withOne + 5 + '/>'.length - '>1</x:p>'.length);
    await dav.mkcol('c');
    expect(await dav.copy('a', 'c/a')).toBe(201);
    await dav.expect(204, 'DELETE', 'c');
    await dav.expect(204, 'DELETE', 'a');
    expect(await used()).toBe(0);
  });
});
