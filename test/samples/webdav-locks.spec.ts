import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MemoryStore } from '../../samples/webdav/memory-store.js';
import type { ResourcePath } from '../../samples/webdav/path.js';
import type { Staged } from '../../samples/webdav/store.js';
import { Dav, lockInfo, readMultistatus, STORES, textOf } from './support/dav.js';

// Locks and the If field over HTTP, both stores. Sections are those of RFC 4918.

const when = (token: string) => ({ if: `(<${token}>)` });

/** What lockdiscovery says: the text of each activelock. */
async function discover(dav: Dav, path: string): Promise<string[]> {
  const body = '<propfind xmlns="DAV:"><prop><lockdiscovery/></prop></propfind>';
  const [said] = (await dav.propfind(path, '0', body)).values();
  const element = said?.properties.get('{DAV:}lockdiscovery')?.element;
  return (element?.children ?? []).map((child) => (typeof child === 'string' ? child : textOf(child)));
}

describe.each(STORES)('over the %s store', (kind) => {
  describe('LOCK (§9.10)', () => {
    it('gives the token, and describes the lock there and in lockdiscovery', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      const answer = await dav.expect(200, 'LOCK', 'f', {
        headers: { timeout: 'Infinite, Second-100', depth: '0' },
        body: '<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype><D:owner><D:href>http://ada.example/?a&amp;b</D:href></D:owner></D:lockinfo>',
      });
      const token = answer.headers.get('lock-token')?.slice(1, -1);
      expect(token).toMatch(/^urn:uuid:[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      const [found] = await discover(dav, 'f');
      expect(found).toMatch(/^0http:\/\/ada\.example\/\?a&bSecond-3(?:600|599)urn:uuid:[\da-f-]+\/files\/f$/);
      expect(found).toContain(token);
      expect(answer.text).toContain(token);
    });

    it('makes an empty resource where there is none, and 201 (§7.3)', async () => {
      const dav = await Dav.start(kind);
      const { status } = await dav.request('LOCK', 'new', { body: lockInfo('exclusive') });
      expect(status).toBe(201);
      expect((await dav.request('GET', 'new')).text).toBe('');
      expect(await dav.members('')).toEqual(['/files/new']);
      expect(await dav.status('MKCOL', 'new')).toBe(405);
      expect(await dav.status('LOCK', 'no/new', { body: lockInfo('exclusive') })).toBe(409);
      expect(await dav.status('LOCK', 'newer/', { body: lockInfo('exclusive') })).toBe(409);
    });

    it.each([
      ['exclusive', 'exclusive', 423],
      ['exclusive', 'shared', 423],
      ['shared', 'exclusive', 423],
      ['shared', 'shared', 200],
    ] as const)('%s before %s is answered %i', async (first, second, status) => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      await dav.lock('f', { scope: first });
      const answer = await dav.request('LOCK', 'f', { body: lockInfo(second), as: 'bob' });
      expect(answer.status).toBe(status);
      if (status === 423) {
        expect(answer.text).toContain('<D:no-conflicting-lock><D:href>/files/f</D:href></D:no-conflicting-lock>');
      }
      expect(await discover(dav, 'f')).toHaveLength(status === 200 ? 2 : 1);
    });

    it('of infinite depth protects all below, what is made there later too; of depth 0 the members alone', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('deep', 'deep/c', 'flat', 'flat/c');
      const deep = await dav.lock('deep');
      const flat = await dav.lock('flat', { headers: { depth: '0' } });
      expect(await dav.status('PUT', 'deep/c/f')).toBe(423);
      expect(await dav.status('PUT', 'deep/c/f', { headers: when(deep) })).toBe(201);
      expect(await dav.status('PUT', 'deep/c/g', { headers: { if: `</files/deep> (<${deep}>)` } })).toBe(201);
      expect(await dav.status('PUT', 'deep/c/f')).toBe(423);
      expect(await discover(dav, 'deep/c/f')).toHaveLength(1);

      expect(await dav.status('PUT', 'flat/f')).toBe(423);
      expect(await dav.status('PUT', 'flat/f', { headers: { if: `</files/flat> (<${flat}>)` } })).toBe(201);
      expect(await dav.status('PUT', 'flat/f', { body: 'new' })).toBe(204);
      expect(await dav.status('PUT', 'flat/c/f')).toBe(201);
      expect(await dav.status('DELETE', 'flat/f')).toBe(423);
    });

    it('of infinite depth is refused with 207 for a lock below', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c');
      await dav.put('c/f');
      await dav.lock('c/f');
      const answer = await dav.expect(207, 'LOCK', 'c', { body: lockInfo('shared'), as: 'bob' });
      const said = readMultistatus(answer.text);
      expect([...said].map(([href, { status }]) => [href, status])).toEqual([
        ['/files/c/f', 423],
        ['/files/c/', 424],
      ]);
      expect(await dav.status('LOCK', 'c', { body: lockInfo('exclusive'), headers: { depth: '0' } })).toBe(200);
    });

    it('without content refreshes the lock that If names', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      const token = await dav.lock('f', { headers: { timeout: 'Second-10' } });
      const answer = await dav.expect(200, 'LOCK', 'f', { headers: { ...when(token), timeout: 'Second-1000' } });
      expect(answer.headers.get('lock-token')).toBeNull();
      expect(answer.text).toMatch(/<D:timeout>Second-(?:1000|999)<\/D:timeout>/);
      expect(await dav.status('LOCK', 'f')).toBe(400);
      expect(await dav.status('LOCK', 'f', { headers: when('urn:uuid:other') })).toBe(412);
      expect(await dav.status('LOCK', 'f', { headers: when(token), as: 'bob' })).toBe(403);
    });

    it('ends when its time is over', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      await dav.lock('f', { headers: { timeout: 'Second-10' } });
      expect(await dav.status('PUT', 'f')).toBe(423);
      const now = Date.now();
      const clock = vi.spyOn(Date, 'now').mockReturnValue(now + 9_000);
      onTestFinished(() => clock.mockRestore());
      expect(await dav.status('PUT', 'f')).toBe(423);
      clock.mockReturnValue(now + 10_001);
      expect(await dav.status('PUT', 'f')).toBe(204);
      expect(await discover(dav, 'f')).toEqual([]);
      await dav.lock('f', { as: 'bob' });
    });

    it.each([
      ['no lockinfo', '<propfind xmlns="DAV:"/>', 400],
      ['no scope', '<lockinfo xmlns="DAV:"><locktype><write/></locktype></lockinfo>', 400],
      ['no type', '<lockinfo xmlns="DAV:"><lockscope><shared/></lockscope></lockinfo>', 400],
      [
        'another type',
        '<lockinfo xmlns="DAV:"><lockscope><shared/></lockscope><locktype><read/></locktype></lockinfo>',
        422,
      ],
      ['no XML', 'exclusive', 400],
      ['too long an owner', lockInfo('exclusive').replace('me', 'x'.repeat(5_000)), 413],
    ])('with %s is refused, and makes nothing', async (_title, body, status) => {
      const dav = await Dav.start(kind);
      expect(await dav.status('LOCK', 'new', { body })).toBe(status);
      expect(await dav.status('LOCK', 'new', { body: lockInfo('shared'), headers: { depth: '1' } })).toBe(400);
      expect(await dav.members('')).toEqual([]);
    });
  });

  describe('UNLOCK (§9.11)', () => {
    it('ends a lock, also by the URL of what it protects below', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c');
      await dav.put('c/f');
      const token = await dav.lock('c');
      expect(await dav.status('UNLOCK', 'c/f', { headers: { 'lock-token': `<${token}>` } })).toBe(204);
      expect(await discover(dav, 'c')).toEqual([]);
      expect(await dav.status('UNLOCK', 'c', { headers: { 'lock-token': `<${token}>` } })).toBe(409);
    });

    it('is for the owner, by a token, of a lock that is there', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      await dav.put('g');
      const token = await dav.lock('f');
      const of = (path: string, value: string, as = 'ada') =>
        dav.status('UNLOCK', path, { headers: { 'lock-token': value }, as });
      expect(await of('f', `<${token}>`, 'bob')).toBe(403);
      expect(await of('g', `<${token}>`)).toBe(409);
      expect(await of('f', token)).toBe(400);
      expect(await dav.status('UNLOCK', 'f')).toBe(400);
      expect(await discover(dav, 'f')).toHaveLength(1);
    });
  });

  describe('a locked resource (§7)', () => {
    it.each([
      ['PUT', 'f', {}],
      ['DELETE', 'f', {}],
      ['PROPPATCH', 'f', {}],
      ['MOVE', 'f', { destination: '/files/g' }],
      ['COPY', 'other', { destination: '/files/f' }],
      ['MOVE', 'other', { destination: '/files/f' }],
    ])('is not changed by %s of %s without its token, nor with it by another user', async (method, path, headers) => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      await dav.put('other');
      const token = await dav.lock('f');
      const body =
        method === 'PROPPATCH'
          ? { body: '<propertyupdate xmlns="DAV:"><set><prop><x xmlns="urn:x"/></prop></set></propertyupdate>' }
          : {};
      const tagged = { ...headers, if: `</files/f> (<${token}>)` };
      const refused = await dav.request(method, path, { headers, ...body });
      expect(refused.status).toBe(423);
      expect(refused.text).toContain('<D:lock-token-submitted><D:href>/files/f</D:href></D:lock-token-submitted>');
      expect(await dav.status(method, path, { headers: tagged, ...body, as: 'bob' })).toBe(423);
      expect((await dav.request('GET', 'f')).text).toBe('f');
      expect(await dav.status(method, path, { headers: tagged, ...body })).toBeLessThan(300);
    });

    it('is read by everybody', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      await dav.lock('f');
      expect((await dav.request('GET', 'f', { as: 'bob' })).text).toBe('f');
      expect(await dav.copy('f', 'g')).toBe(201);
      expect(await discover(dav, 'g')).toEqual([]);
    });

    it('that many share is changed with the token of one of them', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      const [ada, bob] = [
        await dav.lock('f', { scope: 'shared' }),
        await dav.lock('f', { scope: 'shared', as: 'bob' }),
      ];
      expect(await dav.status('PUT', 'f', { headers: when(ada) })).toBe(204);
      expect(await dav.status('PUT', 'f', { headers: when(bob), as: 'bob' })).toBe(204);
      expect(await dav.status('PUT', 'f', { headers: when(bob) })).toBe(423);
    });

    it('keeps its collection from being moved away, or replaced', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c', 'd');
      await dav.put('c/f');
      await dav.lock('c/f');
      expect(await dav.move('c', 'e')).toBe(423);
      expect(await dav.copy('d', 'c')).toBe(423);
      expect(await dav.members('c')).toEqual(['/files/c/f']);
    });

    it('loses its lock with its name', async () => {
      const dav = await Dav.start(kind);
      for (const name of ['moved', 'deleted']) await dav.put(name);
      const [moved, deleted] = [await dav.lock('moved'), await dav.lock('deleted')];
      expect(await dav.move('moved', 'new', when(moved))).toBe(201);
      expect(await dav.status('DELETE', 'deleted', { headers: when(deleted) })).toBe(204);
      for (const name of ['new', 'moved', 'deleted']) expect(await dav.status('PUT', name)).toBeLessThan(300);
    });

    it('stays locked while it is replaced by a copy', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      await dav.put('g');
      const token = await dav.lock('g');
      expect(await dav.copy('f', 'g', { if: `</files/g> (<${token}>)` })).toBe(204);
      expect(await discover(dav, 'g')).toHaveLength(1);
    });
  });

  describe('If (§10.4)', () => {
    it.each([
      ['the token', '(<TOKEN>)', 204],
      ['the token and the tag', '(<TOKEN> [ETAG])', 204],
      ['the token and another tag', '(<TOKEN> ["other"])', 412],
      ['one of two lists', '(["other"]) (<TOKEN>)', 204],
      ['a list about this resource', '</files/f> (<TOKEN>)', 204],
      ['a list about this resource, by its whole URL', '<http://localhost/files/f> (<TOKEN>)', 204],
      ['lists about two resources, one of which holds', '</files/g> (["other"]) </files/f> (<TOKEN>)', 204],
      ['a list about another resource, whose tag it is not', '</files/g> ([ETAG] <TOKEN>)', 412],
      ['what is always true, and the token', '(Not <DAV:no-lock>) (<TOKEN>)', 204],
      ['what is always true, without the token', '(Not <DAV:no-lock>)', 423],
      ['what is never true', '(<DAV:no-lock>)', 412],
      ['what is never true, and then the token', '(<DAV:no-lock>) (<TOKEN>)', 204],
      ['that it is not locked', '(Not <TOKEN>)', 412],
      ['that it has not another tag', '(<TOKEN> Not ["other"])', 204],
      ['a weak tag', '(<TOKEN> [W/ETAG])', 412],
      ['a list about another host', '<http://other.example/files/f> (<TOKEN>)', 412],
      ['a token of no lock, negated, on another host', '<http://other.example/> (Not <TOKEN>)', 204],
      ['no list', '<TOKEN>', 400],
      ['an empty list', '()', 400],
      ['a list that does not end', '(<TOKEN>', 400],
      ['a tag behind an untagged list', '(<TOKEN>) </files/f> (<TOKEN>)', 400],
      ['nothing', '', 400],
    ])('%s: %s', async (_title, field, status) => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      await dav.put('g');
      const token = await dav.lock('f');
      const etag = (await dav.request('HEAD', 'f')).headers.get('etag') as string;
      const value = field.replaceAll('TOKEN', token).replaceAll('ETAG', etag);
      expect(await dav.status('PUT', 'f', { headers: { if: value }, body: 'new' })).toBe(status);
      expect((await dav.request('GET', 'f')).text).toBe(status === 204 ? 'new' : 'f');
    });

    it('is about reading too', async () => {
      const dav = await Dav.start(kind);
      expect(await dav.status('PROPFIND', '', { headers: { depth: '0', if: '(<DAV:no-lock>)' } })).toBe(412);
    });
  });
});

describe('what takes long', () => {
  /** Holds what is staged until it is let go. */
  class SlowStore extends MemoryStore {
    isSlow = false;
    release = () => {};
    readonly #released = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    #arrive = () => {};
    /** Resolves when something is held. */
    readonly arrived = new Promise<void>((resolve) => {
      this.#arrive = resolve;
    });

    override async stageContent(content: AsyncIterable<Uint8Array>): Promise<Staged> {
      const staged = await super.stageContent(content);
      await this.#hold();
      return staged;
    }

    override async stageCopy(path: ResourcePath, isDeep: boolean): Promise<{ staged: Staged; failures: [] }> {
      const copy = await super.stageCopy(path, isDeep);
      await this.#hold();
      return copy;
    }

    async #hold(): Promise<void> {
      if (!this.isSlow) return;
      this.#arrive();
      await this.#released;
    }
  }

  it.each(['PUT', 'COPY'])('is checked again at its end: a lock that was taken meanwhile stops %s', async (method) => {
    const store = new SlowStore();
    const dav = await Dav.over(() => store);
    await dav.put('f', 'before');
    await dav.put('other');
    store.isSlow = true;
    const headers = { destination: '/files/f' };
    const answer = dav.status(method, method === 'PUT' ? 'f' : 'other', { headers, body: 'after' });
    await store.arrived;
    await dav.lock('f', { as: 'bob' });
    store.release();
    expect(await answer).toBe(423);
    expect((await dav.request('GET', 'f')).text).toBe('before');
    const used = (await store.space()).used;
    expect(used).toBe('before'.length + 'other'.length);
  });
});
