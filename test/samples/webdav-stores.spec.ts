import { describe, expect, it } from 'vitest';
import { fc } from '../support/properties.js';
import { Dav, lockInfo } from './support/dav.js';

// Whatever is asked for, in whatever order: both stores answer the same, and hold the same in the end.

const NAMES = ['a', 'b', '\u00e9'];
const path = fc
  .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })
  .map((names) => names.map(encodeURIComponent).join('/'));
/** What most steps find something at, on their own each would mostly meet nothing. */
const FIRST: readonly Step[] = [
  ...['a', 'a/a', 'a/b', 'b'].map((path) => ({ method: 'MKCOL', path, headers: {} })),
  ...['a/a/a', 'a/a/b', 'b/b'].map((path) => ({ method: 'PUT', path, headers: {}, body: path })),
  ...['a', 'a/a', 'a/a/b', 'b/b'].map((path) => ({ method: 'PROPPATCH', path, headers: {}, body: update(path) })),
];
const depth = fc.constantFrom({}, { depth: '0' }, { depth: 'infinity' });
const overwrite = fc.constantFrom({}, { overwrite: 'F' });

interface Step {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ method: fc.constant('MKCOL'), path, headers: fc.constant({}) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      method: fc.constant('PUT'),
      path,
      headers: fc.constant({}),
      body: fc.string({ maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ method: fc.constant('DELETE'), path, headers: fc.constant({}) }) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom('COPY', 'MOVE'), path, path, depth, overwrite)
      .map(([method, from, to, d, o]) => ({
        method,
        path: from,
        headers: { destination: `/files/${to}`, ...d, ...o },
      })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(path, fc.constantFrom(...NAMES)).map(([at, value]) => ({
      method: 'PROPPATCH',
      path: at,
      headers: {},
      body: update(value),
    })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      method: fc.constant('LOCK'),
      path,
      headers: depth,
      body: fc.constant(lockInfo('exclusive')),
    }),
  },
);

/** Sets the one property that is looked at. */
function update(value: string): string {
  return `<propertyupdate xmlns="DAV:"><set><prop><p xmlns="urn:x">${value}</p></prop></set></propertyupdate>`;
}

/** All there is: each path with its content and the property that steps set. */
async function everything(dav: Dav, at = ''): Promise<unknown> {
  const members = await dav.members(at);
  const held: Record<string, unknown> = { '': await dav.property(at, 'p') };
  for (const href of members) {
    const inner = href.slice('/files/'.length);
    held[href] = href.endsWith('/')
      ? await everything(dav, inner)
      : [(await dav.request('GET', inner)).text, await dav.property(inner, 'p')];
  }
  return held;
}

describe('the two stores', () => {
  it('answer the same and hold the same, whatever is asked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
        const [folder, memory] = [await Dav.start('folder'), await Dav.start('memory')];
        for (const { method, path, ...request } of [...FIRST, ...steps]) {
          const [one, other] = [
            await folder.request(method, path, request),
            await memory.request(method, path, request),
          ];
          expect(one.status, `${method} ${path}: ${one.text}`).toBe(other.status);
          // Tokens differ, as they must.
          if (method === 'DELETE') expect(one.text).toBe(other.text);
        }
        expect(await everything(folder)).toEqual(await everything(memory));
        await Promise.all([folder.stop(), memory.stop()]);
      }),
      { numRuns: 30 },
    );
  }, 120_000);
});
