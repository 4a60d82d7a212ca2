import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Dav, type DavRequest, lockInfo, readMultistatus, STORES, textOf } from './support/dav.js';
import { ODD_NAMES } from './support/tree.js';

// What the WebDAV layer answers, over both stores. Sections are those of RFC 4918 unless another is named.

const encoded = (name: string) => encodeURIComponent(name);
const destination = (path: string) => ({ destination: `/files/${path}` });

describe.each(STORES)('over the %s store', (kind) => {
  describe('OPTIONS (§10.1)', () => {
    it.each(['*', '/', '/files', '/files/', '/files/nothing/here'])(
      'says at %s that WebDAV is spoken',
      async (path) => {
        const dav = await Dav.start(kind);
        const { status, headers } = await dav.request('OPTIONS', path);
        expect(status).toBe(200);
        expect(headers.get('dav')).toBe('1, 2, 3');
        expect(headers.get('ms-author-via')).toBe('DAV');
      },
    );

    it('allows what there are routes for', async () => {
      const dav = await Dav.start(kind);
      const refused = await dav.request('PATCH', 'a');
      expect((await dav.request('OPTIONS', 'a')).headers.get('allow')).toBe(refused.headers.get('allow'));
    });

    it('has no room for WebDAV beside the resources', async () => {
      const dav = await Dav.start(kind);
      expect((await dav.request('OPTIONS', '/events')).headers.get('dav')).toBeNull();
    });
  });

  describe('the way in', () => {
    it('leads from the root to where the resources are', async () => {
      const dav = await Dav.start(kind);
      expect([...(await dav.propfind('/', '1')).keys()]).toEqual(['/', '/files/']);
      expect([...(await dav.propfind('/', '0')).keys()]).toEqual(['/']);
      const [root] = (await dav.propfind('/', '0')).values();
      expect(root?.properties.get('{DAV:}resourcetype')?.element.children).toMatchObject([{ name: 'collection' }]);
    });

    it.each(['._.', '.DS_Store', '.hidden', 'desktop.ini', 'folder.jpg', 'Backups.backupdb'])(
      'answers 404 where a file manager looks for %s',
      async (name) => {
        const dav = await Dav.start(kind);
        expect(await dav.status('PROPFIND', name, { headers: { depth: '0' } })).toBe(404);
      },
    );

    it('tells the space that is left, to who asks by name (RFC 4331)', async () => {
      const dav = await Dav.start(kind);
      const body = '<propfind xmlns="DAV:"><prop><quota-available-bytes/><quota-used-bytes/><quota/></prop></propfind>';
      const [said] = (await dav.propfind('', '0', body)).values();
      expect(said?.properties.get('{DAV:}quota-available-bytes')?.element.children).toMatchObject([
        expect.stringMatching(/^[1-9]\d*$/),
      ]);
      expect(said?.properties.get('{DAV:}quota-used-bytes')?.status).toBe(200);
      expect(said?.properties.get('{DAV:}quota')?.status).toBe(404);
      const [all] = (await dav.propfind('', '0')).values();
      expect([...(all?.properties.keys() ?? [])]).not.toContain('{DAV:}quota-used-bytes');
    });

    it('stores what Windows sends: an empty PUT, a LOCK, PUT under the lock, its own times, UNLOCK', async () => {
      const dav = await Dav.start(kind);
      const translate = { translate: 'f' };
      await dav.expect(201, 'PUT', 'New.txt', { headers: translate });
      const token = await dav.lock('New.txt', { headers: { ...translate, timeout: 'Second-3600', depth: 'infinity' } });
      const headers = { ...translate, if: `(<${token}>)` };
      await dav.expect(204, 'PUT', 'New.txt', { headers, body: 'content' });
      const times =
        '<?xml version="1.0" encoding="utf-8" ?><D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:"><D:set><D:prop>' +
        '<Z:Win32LastModifiedTime>Mon, 22 Nov 2026 20:00:00 GMT</Z:Win32LastModifiedTime><Z:Win32FileAttributes>00000020</Z:Win32FileAttributes>' +
        '</D:prop></D:set></D:propertyupdate>';
      const said = readMultistatus((await dav.expect(207, 'PROPPATCH', 'New.txt', { headers, body: times })).text);
      expect([...(said.get('/files/New.txt')?.properties.values() ?? [])].map(({ status }) => status)).toEqual([
        200, 200,
      ]);
      await dav.expect(204, 'UNLOCK', 'New.txt', { headers: { 'lock-token': `<${token}>` } });
      expect((await dav.request('GET', 'New.txt', { headers: translate })).text).toBe('content');
    });

    it('stores what the Finder sends: chunked content, announced by its own field', async () => {
      const dav = await Dav.start(kind);
      const headers = { 'transfer-encoding': 'Chunked', 'x-expected-entity-length': '7' };
      await dav.expect(201, 'PUT', 'a', { headers, body: 'content' });
      expect((await dav.request('GET', 'a')).text).toBe('content');
    });
  });

  describe('PROPFIND (§9.1)', () => {
    it('describes the resource alone at depth 0, its members as well at 1', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c', 'c/d');
      await dav.put('c/f');
      await dav.put('c/d/deeper');
      expect([...(await dav.propfind('c/', '0')).keys()]).toEqual(['/files/c/']);
      expect([...(await dav.propfind('c/', '1')).keys()]).toEqual(['/files/c/', '/files/c/d/', '/files/c/f']);
    });

    it.each([{ depth: 'infinity' }, {}])('refuses infinite depth of a collection: %o', async (headers) => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      const { status, text } = await dav.request('PROPFIND', '', { headers });
      expect([status, text]).toEqual([
        403,
        expect.stringContaining('<D:propfind-finite-depth></D:propfind-finite-depth>'),
      ]);
      expect(await dav.status('PROPFIND', 'f', { headers })).toBe(207);
    });

    it.each(['2', '-1', '1,noroot', 'x'])('answers 400 to depth %s', async (depth) => {
      const dav = await Dav.start(kind);
      expect(await dav.status('PROPFIND', '', { headers: { depth } })).toBe(400);
    });

    it('gives all that RFC 4918 defines, and dead properties, to allprop and to no content', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f.txt', '12345');
      await dav.setProperties('f.txt', '<x:dead>kept</x:dead>');
      for (const body of [undefined, '<propfind xmlns="DAV:"><allprop/></propfind>']) {
        const said = (await dav.propfind('f.txt', '0', body)).get('/files/f.txt');
        const texts = new Map([...(said?.properties ?? [])].map(([name, { element }]) => [name, textOf(element)]));
        expect(new Set([...(said?.properties.values() ?? [])].map(({ status }) => status))).toEqual(new Set([200]));
        expect(Object.fromEntries(texts)).toEqual({
          '{DAV:}creationdate': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          '{DAV:}displayname': 'f.txt',
          '{DAV:}getcontentlength': '5',
          '{DAV:}getcontenttype': 'text/plain; charset=utf-8',
          '{DAV:}getetag': expect.stringMatching(/^"[^"]+"$/),
          '{DAV:}getlastmodified': expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/),
          '{DAV:}lockdiscovery': '',
          '{DAV:}resourcetype': '',
          '{DAV:}supportedlock': '',
          '{urn:x}dead': 'kept',
        });
      }
    });

    it('adds to allprop what include names', async () => {
      const dav = await Dav.start(kind);
      const body =
        '<propfind xmlns="DAV:"><allprop/><include><quota-used-bytes/><x xmlns="urn:x"/></include></propfind>';
      const [said] = (await dav.propfind('', '0', body)).values();
      expect(said?.properties.get('{DAV:}quota-used-bytes')?.status).toBe(200);
      expect(said?.properties.get('{DAV:}resourcetype')?.status).toBe(200);
      expect(said?.properties.get('{urn:x}x')?.status).toBe(404);
    });

    it('gives names without values to propname', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      await dav.setProperties('f', '<x:dead>kept</x:dead>');
      const [said] = (await dav.propfind('f', '0', '<propfind xmlns="DAV:"><propname/></propfind>')).values();
      expect([...(said?.properties.keys() ?? [])]).toEqual(expect.arrayContaining(['{DAV:}getetag', '{urn:x}dead']));
      expect([...(said?.properties.values() ?? [])].flatMap(({ element }) => element.children)).toEqual([]);
    });

    it('gives what prop names, 404 for what is not there, of a name in no namespace too', async () => {
      const dav = await Dav.start(kind);
      const body =
        '<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:getetag/><bare/><y:y xmlns:y="urn:y&amp;&quot;"/></D:prop></D:propfind>';
      const [said] = (await dav.propfind('', '0', body)).values();
      const statuses = Object.fromEntries([...(said?.properties ?? [])].map(([name, { status }]) => [name, status]));
      expect(statuses).toEqual({ '{DAV:}resourcetype': 200, '{DAV:}getetag': 404, '{}bare': 404, '{urn:y&"}y': 404 });
    });

    it.each([
      ['text that is no XML', 'Hello'],
      ['an element that is not closed', '<propfind xmlns="DAV:"><allprop>'],
      ['another root', '<propertyupdate xmlns="DAV:"/>'],
      ['the right root in no namespace', '<propfind><allprop/></propfind>'],
      [
        'a prefix that stands for nothing',
        '<D:propfind xmlns:D="DAV:"><D:prop><b:x xmlns:b=""/></D:prop></D:propfind>',
      ],
      ['a prefix that is not declared', '<propfind xmlns="DAV:"><prop><b:x/></prop></propfind>'],
      ['two questions', '<propfind xmlns="DAV:"><allprop/><propname/></propfind>'],
      ['no question', '<propfind xmlns="DAV:"/>'],
      ['a document type', '<!DOCTYPE p [<!ENTITY e "x">]><propfind xmlns="DAV:"><allprop/></propfind>'],
      [
        'elements in elements without end',
        `<propfind xmlns="DAV:"><prop>${'<x>'.repeat(50)}${'</x>'.repeat(50)}</prop></propfind>`,
      ],
      ['text that is no UTF-8', Buffer.from([0x3c, 0xff, 0x3e])],
    ])('answers 400 to %s', async (_title, body) => {
      const dav = await Dav.start(kind);
      expect(await dav.status('PROPFIND', '', { headers: { depth: '0' }, body })).toBe(400);
    });

    it.each(['utf16le', 'utf16be'] as const)(
      'reads %s, and answers 400 to half a character of it',
      async (encoding) => {
        const dav = await Dav.start(kind);
        const body = Buffer.from(
          '\ufeff<?xml version="1.0" encoding="utf-16"?><propfind xmlns="DAV:"><allprop/></propfind>',
          'utf16le',
        );
        if (encoding === 'utf16be') body.swap16();
        const status = (bytes: Buffer) => dav.status('PROPFIND', '', { headers: { depth: '0' }, body: bytes });
        expect([await status(body), await status(body.subarray(0, -1))]).toEqual([207, 400]);
      },
    );

    it('answers 413 to more XML than is read', async () => {
      const dav = await Dav.start(kind);
      const body = `<propfind xmlns="DAV:"><!--${'x'.repeat(262_144)}--><allprop/></propfind>`;
      expect(await dav.status('PROPFIND', '', { headers: { depth: '0' }, body })).toBe(413);
    });

    it('tells where a collection is that was asked for without its slash (§5.2)', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c');
      const { headers } = await dav.request('PROPFIND', 'c', { headers: { depth: '0' } });
      expect(headers.get('content-location')).toBe('/files/c/');
    });

    it('finds no file by a name that ends in a slash', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      for (const method of ['PROPFIND', 'GET', 'DELETE', 'COPY', 'MOVE']) {
        const headers = { depth: method === 'PROPFIND' ? '0' : 'infinity', ...destination('g') };
        expect(await dav.status(method, 'f/', { headers })).toBe(404);
      }
    });
  });

  describe('PROPPATCH (§9.2)', () => {
    it('keeps values exactly: namespaces, attributes, mixed content, language, white space', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      const value =
        'a &lt;b&gt; &amp; \u00e9\n  <y:inner xmlns:y="urn:y" at="&quot;1&#10;&quot;" y:q="x:q">c<bare xmlns=""/></y:inner> d';
      await dav.expect(207, 'PROPPATCH', 'f', {
        body: `<propertyupdate xmlns="DAV:" xml:lang="de"><set><prop><x:mixed xmlns:x="urn:x">${value}</x:mixed></prop></set></propertyupdate>`,
      });
      const said = (await dav.propfind('f', '0')).get('/files/f')?.properties.get('{urn:x}mixed')?.element;
      expect(said).toMatchObject({ qualifiedName: 'x:mixed', language: 'de' });
      expect(said?.scope.get('x')).toBe('urn:x');
      expect(said?.children).toMatchObject([
        'a <b> & \u00e9\n  ',
        {
          namespace: 'urn:y',
          name: 'inner',
          attributes: [
            ['at', '"1\n"'],
            ['y:q', 'x:q'],
          ],
          children: ['c', { namespace: '', name: 'bare' }],
        },
        ' d',
      ]);
    });

    it('sets and removes in the order of the document', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      const body =
        '<d:propertyupdate xmlns:d="DAV:" xmlns:x="urn:x"><d:set><d:prop><x:a>1</x:a><x:b>1</x:b></d:prop></d:set>' +
        '<d:remove><d:prop><x:a/><x:never/></d:prop></d:remove><d:set><d:prop><x:b>2</x:b></d:prop></d:set></d:propertyupdate>';
      const said = readMultistatus((await dav.expect(207, 'PROPPATCH', 'f', { body })).text).get('/files/f');
      expect(Object.fromEntries([...(said?.properties ?? [])].map(([name, { status }]) => [name, status]))).toEqual({
        '{urn:x}a': 200,
        '{urn:x}b': 200,
        '{urn:x}never': 200,
      });
      expect([await dav.property('f', 'a'), await dav.property('f', 'b')]).toEqual([undefined, '2']);
    });

    it("changes nothing where one of the properties is the server's own", async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      await dav.setProperties('f', '<x:a>before</x:a>');
      const said = (await dav.setProperties('f', '<x:a>after</x:a>', '<d:getetag>"mine"</d:getetag>')).get('/files/f');
      expect(said?.properties.get('{DAV:}getetag')?.status).toBe(403);
      expect(said?.properties.get('{urn:x}a')?.status).toBe(424);
      expect(await dav.property('f', 'a')).toBe('before');
    });

    it('changes nothing where there would be too much', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      const large = 'x'.repeat(250_000);
      for (const name of ['a', 'b', 'c', 'd']) await dav.setProperties('f', `<x:${name}>${large}</x:${name}>`);
      const said = (await dav.setProperties('f', `<x:e>${large}</x:e>`, '<x:f/>')).get('/files/f');
      expect([...(said?.properties.values() ?? [])].map(({ status }) => status)).toEqual([507, 507]);
      expect(await dav.property('f', 'a')).toBe(large);
    });

    it('lets the name that is shown be set, and be that of the resource again', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      await dav.setProperties('f', '<d:displayname>Shown</d:displayname>');
      const name = async () => {
        const [said] = (await dav.propfind('f', '0')).values();
        return textOf(said?.properties.get('{DAV:}displayname')?.element as never);
      };
      expect(await name()).toBe('Shown');
      const body = '<propertyupdate xmlns="DAV:"><remove><prop><displayname/></prop></remove></propertyupdate>';
      await dav.expect(207, 'PROPPATCH', 'f', { body });
      expect(await name()).toBe('f');
    });

    it.each([
      ['nothing to change', '<propertyupdate xmlns="DAV:"/>'],
      ['another root', '<propfind xmlns="DAV:"><prop><x/></prop></propfind>'],
      ['no content', ''],
    ])('answers 400 to %s', async (_title, body) => {
      const dav = await Dav.start(kind);
      expect(await dav.status('PROPPATCH', '', { body })).toBe(400);
    });

    it('answers 404 where nothing is', async () => {
      const dav = await Dav.start(kind);
      const body = '<propertyupdate xmlns="DAV:"><set><prop><x xmlns="urn:x"/></prop></set></propertyupdate>';
      expect(await dav.status('PROPPATCH', 'f', { body })).toBe(404);
    });
  });

  describe('dead properties', () => {
    it('stay with new content, go along with COPY and MOVE, and go with DELETE', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c', 'c/d');
      await dav.put('c/d/f');
      for (const path of ['c', 'c/d', 'c/d/f']) await dav.setProperties(path, `<x:of>${path}</x:of>`);
      await dav.expect(204, 'PUT', 'c/d/f', { body: 'new' });
      expect(await dav.property('c/d/f', 'of')).toBe('c/d/f');

      expect(await dav.copy('c', 'copy')).toBe(201);
      expect(await dav.move('c', 'moved')).toBe(201);
      for (const [root] of [['copy'], ['moved']]) {
        expect(await dav.property(`${root}`, 'of')).toBe('c');
        expect(await dav.property(`${root}/d/f`, 'of')).toBe('c/d/f');
      }
      expect(await dav.copy('moved', 'shallow', { depth: '0' })).toBe(201);
      expect(await dav.property('shallow', 'of')).toBe('c');

      await dav.expect(204, 'DELETE', 'moved');
      await dav.mkcol('moved', 'moved/d');
      expect([await dav.property('moved', 'of'), await dav.property('moved/d', 'of')]).toEqual([undefined, undefined]);
    });

    it('of what a COPY or MOVE replaces are replaced as well', async () => {
      const dav = await Dav.start(kind);
      for (const name of ['a', 'b', 'c']) {
        await dav.put(name);
        await dav.setProperties(name, `<x:${name}>${name}</x:${name}>`);
      }
      await dav.put('bare');
      expect(await dav.copy('a', 'b')).toBe(204);
      expect([await dav.property('b', 'a'), await dav.property('b', 'b')]).toEqual(['a', undefined]);
      expect(await dav.move('bare', 'c')).toBe(204);
      expect(await dav.property('c', 'c')).toBeUndefined();
    });
  });

  describe('GET and HEAD (RFC 9110)', () => {
    const TEXT = '0123456789';

    it.each([
      ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
      ['bytes=3-5', 206, '345', 'bytes 3-5/10'],
      ['bytes=7-', 206, '789', 'bytes 7-9/10'],
      ['bytes=-3', 206, '789', 'bytes 7-9/10'],
      ['bytes=-99', 206, TEXT, 'bytes 0-9/10'],
      ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
      ['bytes=10-', 416, '', 'bytes */10'],
      ['bytes=-0', 416, '', 'bytes */10'],
      ['bytes=5-3', 200, TEXT, null],
      ['bytes=0-1,3-4', 200, TEXT, null],
      ['lines=0-1', 200, TEXT, null],
    ])('answers %s with %i', async (range, status, text, contentRange) => {
      const dav = await Dav.start(kind);
      await dav.put('f', TEXT);
      const answer = await dav.request('GET', 'f', { headers: { range } });
      expect([answer.status, answer.headers.get('content-range')]).toEqual([status, contentRange]);
      if (status !== 416) expect(answer.text).toBe(text);
    });

    it('sends a range only of the content that If-Range names', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f', TEXT);
      const { headers } = await dav.request('HEAD', 'f');
      const of = async (ifRange: string) =>
        dav.status('GET', 'f', { headers: { range: 'bytes=0-0', 'if-range': ifRange } });
      expect(await of(headers.get('etag') as string)).toBe(206);
      expect(await of(headers.get('last-modified') as string)).toBe(206);
      expect(await of('"other"')).toBe(200);
      expect(await of('Sat, 01 Jan 2000 00:00:00 GMT')).toBe(200);
    });

    it('says to HEAD what GET would say', async () => {
      const dav = await Dav.start(kind);
      await dav.put('a.html', TEXT);
      const [get, head] = [await dav.request('GET', 'a.html'), await dav.request('HEAD', 'a.html')];
      expect([head.status, head.text]).toEqual([200, '']);
      const fields = (answer: { headers: Headers }) => [...answer.headers].filter(([name]) => name !== 'date');
      expect(fields(head)).toEqual(fields(get));
      expect(Object.fromEntries(fields(get))).toMatchObject({
        'content-length': '10',
        'content-type': 'text/html; charset=utf-8',
        'accept-ranges': 'bytes',
        'cache-control': 'no-cache',
        'content-security-policy': 'sandbox',
        'x-content-type-options': 'nosniff',
      });
    });

    it('sends an empty file', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f', '');
      const { status, text, headers } = await dav.request('GET', 'f');
      expect([status, text, headers.get('content-length')]).toEqual([200, '', '0']);
      expect(await dav.status('GET', 'f', { headers: { range: 'bytes=0-' } })).toBe(416);
    });

    it('answers 304 to who has the content', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f', TEXT);
      const { headers } = await dav.request('GET', 'f');
      const etag = headers.get('etag') as string;
      const modified = headers.get('last-modified') as string;
      expect(await dav.status('GET', 'f', { headers: { 'if-none-match': `"x", ${etag}` } })).toBe(304);
      expect(await dav.status('GET', 'f', { headers: { 'if-none-match': `W/${etag}` } })).toBe(304);
      expect(await dav.status('GET', 'f', { headers: { 'if-modified-since': modified } })).toBe(304);
      expect(await dav.status('GET', 'f', { headers: { 'if-none-match': '"x"', 'if-modified-since': modified } })).toBe(
        200,
      );
    });

    it('lists a collection, and nothing in a name runs', async () => {
      const dav = await Dav.start(kind);
      const name = `<img src=x onerror="alert('1')">`;
      await dav.put(encoded(name));
      const { status, text, headers } = await dav.request('GET', '');
      expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(text).toContain(`<a href="/files/${encoded(name)}">&lt;img src=x onerror="alert('1')"&gt;</a>`);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(await dav.status('HEAD', '')).toBe(200);
    });
  });

  describe('PUT (§9.7)', () => {
    it('answers 201 to a new resource, 204 to new content, each with its entity tag', async () => {
      const dav = await Dav.start(kind);
      const made = await dav.expect(201, 'PUT', 'f', { body: 'one' });
      const changed = await dav.expect(204, 'PUT', 'f', { body: 'two' });
      expect(made.headers.get('etag')).not.toBe(changed.headers.get('etag'));
      expect((await dav.request('GET', 'f')).headers.get('etag')).toBe(changed.headers.get('etag'));
    });

    it('keeps a large content byte for byte', async () => {
      const dav = await Dav.start(kind);
      const content = Buffer.alloc(5_000_000, 'some bytes of it ');
      await dav.expect(201, 'PUT', 'large', { body: content });
      const { text } = await dav.request('GET', 'large');
      expect(createHash('sha256').update(text).digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
      expect((await dav.request('GET', 'large', { headers: { range: 'bytes=4000000-4000003' } })).text).toBe(
        content.subarray(4_000_000, 4_000_004).toString(),
      );
    });

    const refusals: readonly (readonly [string, number, string, DavRequest])[] = [
      ['a part of the content', 400, 'f', { headers: { 'content-range': 'bytes 0-2/10' }, body: 'abc' }],
      ['content in a coding', 415, 'f', { headers: { 'content-encoding': 'gzip' }, body: 'abc' }],
      ['a collection that is there', 405, 'c', { body: 'abc' }],
      ['the root', 405, '', { body: 'abc' }],
      ['a name that ends in a slash', 409, 'new/', { body: 'abc' }],
      ['a collection that is not there', 409, 'no/f', { body: 'abc' }],
      ['a collection that is a file', 409, 'f/g', { body: 'abc' }],
      ['another entity tag', 412, 'f', { headers: { 'if-match': '"other"' }, body: 'abc' }],
      ['a resource that should not be there', 412, 'f', { headers: { 'if-none-match': '*' }, body: 'abc' }],
      ['a resource that should be there', 412, 'new', { headers: { 'if-match': '*' }, body: 'abc' }],
      [
        'a change since',
        412,
        'f',
        { headers: { 'if-unmodified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' }, body: 'abc' },
      ],
    ];
    it.each(refusals)('to %s is answered %i, and changes nothing', async (_title, status, path, request) => {
      const dav = await Dav.start(kind);
      await dav.put('f', 'before');
      await dav.mkcol('c');
      expect(await dav.status('PUT', path, request)).toBe(status);
      expect((await dav.request('GET', 'f')).text).toBe('before');
      expect(await dav.members('')).toEqual(['/files/c/', '/files/f']);
    });
  });

  describe('MKCOL (§9.3)', () => {
    it('makes a collection, with or without the slash', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('a', 'b/');
      expect(await dav.members('')).toEqual(['/files/a/', '/files/b/']);
    });

    const refusals: readonly (readonly [string, number, string, DavRequest])[] = [
      ['with content', 415, 'new', { body: '<x/>' }],
      ['where a file is', 405, 'f', {}],
      ['where a collection is', 405, 'c', {}],
      ['of the root', 405, '', {}],
      ['in a collection that is not there', 409, 'no/new', {}],
      ['in a file', 409, 'f/new', {}],
    ];
    it.each(refusals)('%s is answered %i', async (_title, status, path, request) => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      await dav.mkcol('c');
      expect(await dav.status('MKCOL', path, request)).toBe(status);
      expect(await dav.members('')).toEqual(['/files/c/', '/files/f']);
    });
  });

  describe('DELETE (§9.6)', () => {
    it('removes a file, and a collection with all that is in it', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c', 'c/d');
      await dav.put('c/d/f');
      await dav.put('f');
      await dav.expect(204, 'DELETE', 'f');
      await dav.expect(204, 'DELETE', 'c/');
      expect(await dav.members('')).toEqual([]);
      expect(await dav.status('DELETE', 'c')).toBe(404);
    });

    it('leaves what is locked, and what it is in, and says so with 207', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c', 'c/d', 'c/e');
      await dav.put('c/d/locked');
      await dav.put('c/e/free');
      await dav.lock('c/d/locked');
      const said = readMultistatus((await dav.expect(207, 'DELETE', 'c')).text);
      expect([...said].map(([href, { status }]) => [href, status])).toEqual([['/files/c/d/locked', 423]]);
      expect(await dav.members('c')).toEqual(['/files/c/d/']);
      expect(await dav.members('c/d')).toEqual(['/files/c/d/locked']);
    });

    it('of a collection takes infinite depth alone', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c');
      expect(await dav.status('DELETE', 'c', { headers: { depth: '0' } })).toBe(400);
      expect(await dav.status('DELETE', 'c', { headers: { depth: 'infinity' } })).toBe(204);
    });

    it('refuses the root', async () => {
      const dav = await Dav.start(kind);
      expect(await dav.status('DELETE', '')).toBe(403);
    });
  });

  describe('COPY and MOVE (§9.8, §9.9)', () => {
    it('copy a collection with all in it, or without at depth 0', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c', 'c/d');
      await dav.put('c/d/f');
      expect(await dav.copy('c', 'deep')).toBe(201);
      expect(await dav.copy('c', 'flat', { depth: '0' })).toBe(201);
      expect((await dav.request('GET', 'deep/d/f')).text).toBe('c/d/f');
      expect(await dav.members('flat')).toEqual([]);
      expect(await dav.members('c')).toEqual(['/files/c/d/']);
    });

    it('move a collection with all in it', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c', 'c/d', 'to');
      await dav.put('c/d/f');
      expect(await dav.move('c', 'to/here')).toBe(201);
      expect((await dav.request('GET', 'to/here/d/f')).text).toBe('c/d/f');
      expect(await dav.members('')).toEqual(['/files/to/']);
    });

    it.each(['COPY', 'MOVE'])(
      'replace with %s what is at the Destination, all of it, unless told not to',
      async (method) => {
        const dav = await Dav.start(kind);
        await dav.mkcol('c', 'old', 'old/deep');
        await dav.put('c/new');
        await dav.put('old/f');
        await dav.put('f');
        const to = (path: string, overwrite: string) => ({ headers: { ...destination(path), overwrite } });
        expect(await dav.status(method, 'c', to('old', 'F'))).toBe(412);
        expect(await dav.members('old')).toEqual(['/files/old/deep/', '/files/old/f']);
        expect(await dav.status(method, 'c', to('old', 'T'))).toBe(204);
        expect(await dav.members('old')).toEqual(['/files/old/new']);
        expect(await dav.status(method, 'f', to('old', 'T'))).toBe(204);
        expect((await dav.request('GET', 'old')).text).toBe('f');
        await dav.mkcol('c2');
        expect(await dav.status(method, 'c2', to('old', 'T'))).toBe(204);
        expect(await dav.members('old')).toEqual([]);
      },
    );

    const refusals: readonly (readonly [string, number, string, Record<string, string>])[] = [
      ['without a Destination', 400, 'f', {}],
      ['to another host', 502, 'f', { destination: 'http://other.example/files/g' }],
      ['to another port', 502, 'f', { destination: 'http://localhost:81/files/g' }],
      ['to where no resources are', 403, 'f', { destination: '/events' }],
      ['to no URL', 400, 'f', { destination: 'g' }],
      ['to a URL with a query', 400, 'f', { destination: '/files/g?x' }],
      ['to a URL with a fragment', 400, 'f', { destination: '/files/g#x' }],
      ['to a name that is no UTF-8', 400, 'f', { destination: '/files/%ff' }],
      ['out of the folder', 400, 'f', { destination: '/files/../g' }],
      ['out of the folder, escaped', 400, 'f', { destination: '/files/%2e%2e/g' }],
      ['to a name with a slash', 400, 'f', { destination: '/files/a%2Fb' }],
      ['to a name with NUL', 400, 'f', { destination: '/files/a%00b' }],
      ['onto itself', 403, 'f', { destination: '/files/f' }],
      ['into itself', 403, 'c', { destination: '/files/c/d' }],
      ['onto what holds it', 403, 'c/in', { destination: '/files/c' }],
      ['onto the root', 403, 'f', { destination: '/files/' }],
      ['of the root', 403, '', { destination: '/files/g' }],
      ['into a collection that is not there', 409, 'f', { destination: '/files/no/g' }],
      ['into a file', 409, 'f', { destination: '/files/f2/g' }],
      ['of nothing', 404, 'no', { destination: '/files/g' }],
      ['with an Overwrite that is neither', 400, 'f', { destination: '/files/f2', overwrite: 'maybe' }],
      ['of a collection at depth 1', 400, 'c', { destination: '/files/g', depth: '1' }],
      ['against a condition', 412, 'f', { destination: '/files/g', 'if-match': '"other"' }],
    ];
    describe.each(['COPY', 'MOVE'])('%s', (method) => {
      it.each(refusals)('%s is answered %i, and changes nothing', async (_title, status, path, headers) => {
        const dav = await Dav.start(kind);
        await dav.put('f');
        await dav.put('f2');
        await dav.mkcol('c');
        await dav.put('c/in');
        expect(await dav.status(method, path, { headers })).toBe(status);
        expect(await dav.members('')).toEqual(['/files/c/', '/files/f', '/files/f2']);
        expect(await dav.members('c')).toEqual(['/files/c/in']);
      });
    });

    it('take a Destination on this host, whatever the scheme, unescaped too', async () => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      const latin1 = Buffer.from('http://LOCALHOST:80/files/\u00fcber', 'utf8').toString('latin1');
      for (const to of ['http://localhost/files/a', 'https://localhost:443/files/b', latin1]) {
        expect(await dav.status('COPY', 'f', { headers: { destination: to } })).toBe(201);
      }
      expect(await dav.members('')).toEqual(['/files/a', '/files/b', '/files/f', '/files/%C3%BCber']);
    });
  });

  describe('names', () => {
    it.each(ODD_NAMES.map((name) => [JSON.stringify(name).slice(0, 60), name]))(
      '%s is kept as it is',
      async (_title, name) => {
        const dav = await Dav.start(kind);
        await dav.put(encoded(name), 'content');
        await dav.mkcol('c');
        await dav.setProperties(encoded(name), '<x:p>kept</x:p>');
        const href = `/files/${encoded(name)}`;
        expect(new Set(await dav.members(''))).toEqual(new Set([href, '/files/c/']));
        expect(await dav.copy(encoded(name), `c/${encoded(name)}`)).toBe(201);
        const another = [...name].slice(1).join('');
        expect(await dav.move(encoded(name), `c/${encoded(`${another}2`)}`)).toBe(201);
        expect((await dav.request('GET', `c/${encoded(name)}`)).text).toBe('content');
        expect(await dav.property(`c/${encoded(name)}`, 'p')).toBe('kept');
        expect(await dav.members('')).toEqual(['/files/c/']);
      },
    );

    it('that look alike are two', async () => {
      const dav = await Dav.start(kind);
      for (const name of ['e\u0301', '\u00e9', 'E\u0301', 'a', 'A', 'a ', 'a.']) await dav.put(encoded(name), name);
      for (const name of ['e\u0301', '\u00e9', 'a', 'A', 'a ', 'a.']) {
        expect((await dav.request('GET', encoded(name))).text).toBe(name);
      }
    });

    it.each([
      ['..', '/files/../package.json', 400],
      ['.. escaped', '/files/%2e%2e/package.json', 400],
      ['.. half escaped', '/files/.%2E/package.json', 400],
      ['.', '/files/./f', 400],
      ['.. behind a name', '/files/c/../../package.json', 400],
      ['an escaped slash', '/files/..%2fpackage.json', 400],
      ['an absolute path in a segment', '/files/%2Fetc%2Fpasswd', 400],
      ['NUL', '/files/f%00', 400],
      ['what is no UTF-8', '/files/%c3%28', 400],
      ['a surrogate', '/files/%ed%a0%80', 400],
    ])('never lead out: %s', async (_title, path, status) => {
      const dav = await Dav.start(kind);
      await dav.put('f');
      for (const method of ['GET', 'PUT', 'DELETE', 'MKCOL', 'PROPFIND', 'COPY', 'MOVE', 'LOCK']) {
        const headers = { depth: method === 'PROPFIND' ? '0' : 'infinity', ...destination('g') };
        const body = method === 'LOCK' ? lockInfo('exclusive') : undefined;
        expect(await dav.status(method, path, { headers, ...(body === undefined ? {} : { body }) })).toBe(status);
      }
      expect(await dav.members('')).toEqual(['/files/f']);
    });

    it('take slashes too many for one', async () => {
      const dav = await Dav.start(kind);
      await dav.mkcol('c');
      await dav.put('c/f');
      expect((await dav.request('GET', '/files//c///f')).text).toBe('c/f');
      expect((await dav.request('GET', '/files//etc/passwd')).status).toBe(404);
    });
  });
});
