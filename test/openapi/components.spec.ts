import { describe, expect, it } from 'vitest';
import { Components, componentName, type Direction, uniqueName } from '../../src/openapi/components.js';
import type { JsonSchema } from '../../src/openapi/open-api-document.js';

const TAG: JsonSchema = { type: 'object', properties: { name: { type: 'string' } } };

/** Takes in schemas, in the order of their places, and writes them. */
function write(uses: [schema: JsonSchema, name?: string | undefined, direction?: Direction][]) {
  const components = new Components();
  const tree = uses.map(([schema, name, direction = 'output'], i) =>
    components.add(schema, name, { direction, fallback: `A.b.${i}` }),
  );
  return { written: components.resolve(tree), schemas: components.schemas() };
}

describe('the components', () => {
  it('leave what is used once, and has no name, where it is', () => {
    expect(write([[{ $schema: 'x', ...TAG }]])).toEqual({ written: [TAG], schemas: {} });
  });

  it('hold what is used twice, by the first place', () => {
    const { written, schemas } = write([[TAG], [{ type: 'array', items: TAG }]]);
    const ref = { $ref: '#/components/schemas/A.b.0' };
    expect(written).toEqual([ref, { type: 'array', items: ref }]);
    expect(schemas).toEqual({ 'A.b.0': TAG });
  });

  it('hold once what is inside of what is used twice', () => {
    const { schemas } = write([[{ properties: { tag: TAG } }], [{ properties: { tag: TAG } }]]);
    expect(schemas).toEqual({ 'A.b.0': { properties: { tag: TAG } } });
  });

  it('repeat what has no properties: a name would tell less', () => {
    const { schemas } = write([[{ type: 'string' }], [{ type: 'string' }], [{ enum: ['a'] }], [{ enum: ['a'] }]]);
    expect(schemas).toEqual({});
  });

  it.each<[title: string, schema: JsonSchema, given: string | undefined, name: string]>([
    ['its id', { ...TAG, id: 'Tag' }, undefined, 'Tag'],
    ['its title', { ...TAG, title: 'one Tag' }, undefined, 'oneTag'],
    ['what it is called where it is used', TAG, 'Given', 'Given'],
    ['its definition', { $ref: '#/$defs/Tag', $defs: { Tag: TAG } }, undefined, 'Tag'],
  ])('call a schema by %s', (_title, schema, given, name) => {
    const { written, schemas } = write([[schema, given]]);
    expect(written).toEqual([{ $ref: `#/components/schemas/${name}` }]);
    expect(Object.keys(schemas)).toEqual([name]);
  });

  it('take the title of a text for its label', () => {
    expect(write([[{ type: 'string', title: 'Name' }]]).schemas).toEqual({});
  });

  it('keep what stands beside a reference', () => {
    const schema = { properties: { tag: { $ref: '#/$defs/Tag', description: 'the first' } }, $defs: { Tag: TAG } };
    expect(write([[schema]]).written).toEqual([
      { properties: { tag: { $ref: '#/components/schemas/Tag', description: 'the first' } } },
    ]);
  });

  it('share a definition among the schemas that bring it', () => {
    const schema = { type: 'array', items: { $ref: '#/$defs/Tag' }, $defs: { Tag: TAG } };
    expect(write([[schema], [{ $ref: '#/$defs/Tag', $defs: { Tag: TAG } }]]).schemas).toEqual({ Tag: TAG });
  });

  it('tell two schemas of one name from each other', () => {
    const other = { type: 'object', properties: { id: { type: 'number' } } };
    expect(
      write([
        [TAG, 'Tag'],
        [other, 'Tag'],
      ]).schemas,
    ).toEqual({ Tag: TAG, Tag_2: other });
  });

  it('give the name to what is sent where the two directions differ', () => {
    const strict = { ...TAG, additionalProperties: false };
    expect(
      write([
        [TAG, 'Tag', 'input'],
        [strict, 'Tag', 'output'],
      ]).schemas,
    ).toEqual({ Tag: strict, TagInput: TAG });
    expect(
      write([
        [TAG, 'Tag', 'input'],
        [TAG, 'Tag', 'output'],
      ]).schemas,
    ).toEqual({ Tag: TAG });
  });

  it('name what contains itself, by whatever it refers to itself', () => {
    const ref = (name: string) => ({ properties: { sub: { type: 'array', items: { $ref: name } } } });
    const node = { properties: { sub: { type: 'array', items: { $ref: '#/components/schemas/A.b.0' } } } };
    expect(write([[ref('#')]])).toEqual({
      written: [{ $ref: '#/components/schemas/A.b.0' }],
      schemas: { 'A.b.0': node },
    });
    const inner = {
      type: 'array',
      items: { $ref: '#/$defs/__schema0' },
      $defs: { __schema0: ref('#/$defs/__schema0') },
    };
    expect(write([[inner]]).schemas).toEqual({ 'A.b.0': node });
  });

  it('end where a schema without properties contains itself', () => {
    const { written, schemas } = write([[{ anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#' } }] }]]);
    const ref = { $ref: '#/components/schemas/A.b.0' };
    const node = { anyOf: [{ type: 'string' }, { type: 'array', items: ref }] };
    expect([written, schemas]).toEqual([[node], { 'A.b.0': node }]);
  });

  it('take values for values, whatever they look like', () => {
    const schema = { type: 'object', default: TAG, examples: [TAG], const: { $ref: '#' } };
    expect(write([[schema], [TAG]])).toEqual({ written: [schema, TAG], schemas: {} });
  });

  it('leave a reference that leads elsewhere', () => {
    const schema = { $ref: 'https://example.com/tag.json' };
    expect(write([[schema]]).written).toEqual([schema]);
  });

  it('keep a name that is held', () => {
    const components = new Components();
    expect(components.hold('Problem', { type: 'object' })).toEqual({ $ref: '#/components/schemas/Problem' });
    const own = components.add(TAG, 'Problem', { direction: 'output', fallback: 'x' });
    expect(components.resolve(own)).toEqual({ $ref: '#/components/schemas/Problem_2' });
    expect(components.schemas()).toEqual({ Problem: { type: 'object' }, Problem_2: TAG });
  });
});

it.each([
  ['Todo', 'Todo'],
  ['a todo', 'aTodo'],
  ['Page<Todo>', 'PageTodo'],
  ['v1.Todo_item-x', 'v1.Todo_item-x'],
  ['__schema0', undefined],
  ['<>', undefined],
  [undefined, undefined],
])('calls %s in a document %s', (name, component) => {
  expect(componentName(name)).toBe(component);
});

it('numbers a name that is taken', () => {
  const used = new Set<string>();
  expect(['a', 'b', 'a', 'a'].map((name) => uniqueName(used, name))).toEqual(['a', 'b', 'a_2', 'a_3']);
});
