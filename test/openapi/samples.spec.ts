import { describe, expect, it, onTestFinished } from 'vitest';
import { options as auth } from '../../samples/auth/app.js';
import { options as hello } from '../../samples/hello/app.js';
import { options as live } from '../../samples/live/app.js';
import { options as todos } from '../../samples/todos/app.js';
import { options as upnp } from '../../samples/upnp/app.js';
import { options as webdav } from '../../samples/webdav/app.js';
import { type AppOptions, createApp, listRoutes, type OpenApiDocument, openApiDocument } from '../../src/index.js';
import { OTHER_METHODS, OTHER_OPERATIONS } from '../../src/openapi/open-api-document.js';
import { DescribedAnswers } from '../support/described-answers.js';
import { loggerInto } from '../support/served.js';
import { describeAll } from './described.js';

const SAMPLES: [name: string, options: AppOptions][] = [
  ['hello', hello],
  ['auth', auth],
  ['live', live],
  ['todos', todos],
  ['upnp', upnp],
  ['webdav', webdav],
];

/** Lists the operations of a document as `Class.method`, wherever they stand. */
function operationsIn(document: OpenApiDocument): string[] {
  const operations = [
    ...Object.values(document.paths).flatMap((item) =>
      Object.entries(item).flatMap(([key, value]) => (key === OTHER_METHODS ? Object.values(value) : [value])),
    ),
    ...Object.values(document[OTHER_OPERATIONS] ?? {}),
  ];
  return operations.map(({ operationId }) => operationId.replace(/_\d+$/, ''));
}

describe.each(SAMPLES)('the document of the sample %s', (_name, options) => {
  it('is valid, without a warning', async () => {
    const { warnings } = await describeAll([...options.controllers], options);
    expect(warnings).toEqual([]);
  });

  it('has every route of the live table', async () => {
    const routed = listRoutes(options).trim().split('\n').map((line) => line.slice(line.search(/\S+$/))); // biome-ignore format: one line
    const described = operationsIn(await openApiDocument(options));
    expect(routed.length).toBeGreaterThan(0);
    expect([...new Set(described)].sort()).toEqual([...new Set(routed)].sort());
    expect(described.length).toBeGreaterThanOrEqual(routed.length);
  });
});

/** Serves a sample whose every answer is compared. */
async function checked(options: AppOptions) {
  const answers = new DescribedAnswers(await openApiDocument(options));
  const t = await createApp({ ...options, use: [answers.middleware], logger: loggerInto([]) }).test();
  onTestFinished(() => t[Symbol.asyncDispose]());
  return { answers, t };
}

describe('the answers of samples', () => {
  it('are those that the document of hello has', async () => {
    const { answers, t } = await checked(hello);
    await t.get('/');
    await t.get('/fail');
    await t.get('/hello/ada');
    await t.get('/hello?name=ada');
    await t.get('/hello');
    await t.get('/dynamic');
    await t.post('/hello', { json: { name: 'ada' } });
    await t.post('/hello', { json: { name: '' } });
    await t.post('/hello', { body: '{', headers: { 'content-type': 'application/json' } });
    await t.post('/hello', { body: '<x/>', headers: { 'content-type': 'text/xml' } });
    await t.post('/hello', { body: 'x'.repeat(2_000_000), headers: { 'content-type': 'text/plain' } });
    expect(answers.faults).toEqual([]);
    expect([...answers.seen].sort()).toEqual([
      'DynamicController.show 200',
      'HelloController.byBody 200',
      'HelloController.byBody 400',
      'HelloController.byBody 413',
      'HelloController.byBody 415',
      'HelloController.byBody 422',
      'HelloController.byPath 200',
      'HelloController.byQuery 200',
      'HelloController.byQuery 400',
      'HelloController.fail 500',
      'HelloController.hello 200',
    ]);
  });

  it('are those that the document of auth has, which tells of its credentials', async () => {
    const { answers, t } = await checked(auth);
    await t.get('/');
    await t.get('/protected');
    const headers = { authorization: `Basic ${Buffer.from('ada:lovelace').toString('base64')}` };
    expect((await t.get('/protected', { headers })).status).toBe(200);
    expect(answers.faults).toEqual([]);
    expect([...answers.seen].sort()).toEqual([
      'PagesController.open 200',
      'PagesController.protected 200',
      'PagesController.protected 401',
    ]);
    const { paths, components } = await openApiDocument(auth);
    expect(paths['/protected']?.get).toMatchObject({ security: [{ basic: [] }] });
    expect(components.securitySchemes).toEqual({ basic: { type: 'http', scheme: 'basic' } });
  });

  it('are those that the document of live has', async () => {
    const { answers, t } = await checked(live);
    const note = { by: 'Ada', colour: 'red', text: 'Buy milk' };
    const { id } = (await (await t.post('/notes', { json: note })).json()) as { id: string };
    await t.post('/notes', { json: {} });
    await t.post('/strokes', { json: { by: 'Ada', colour: 'red', points: [[0, 0], [1, 1]] } }); // biome-ignore format: one line
    await t.request('PATCH', `/items/${id}`, { json: { x: 0.5, y: 0.5 } });
    await t.request('PATCH', '/items/none', { json: { x: 0.5, y: 0.5 } });
    await t.delete(`/items/${id}`);
    await t.delete(`/items/${id}`);
    await t.delete('/items');
    const gif = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
    for (const content of [Buffer.from(gif, 'base64'), Buffer.from('no picture')]) {
      const form = new FormData();
      form.append('by', 'Ada');
      form.append('description', 'A dot');
      form.append('picture', new Blob([content]), 'dot.gif');
      const { headers } = await t.post('/pictures', { form });
      const location = headers.get('location');
      if (location !== null) expect((await t.get(location)).headers.get('content-type')).toBe('image/gif');
    }
    await t.post('/pictures', { json: {} });
    await t.get('/pictures/none');
    await t.get('/cursors?name=Ada');
    expect(answers.faults).toEqual([]);
    expect([...answers.seen].sort()).toEqual([
      'BoardController.addNote 201',
      'BoardController.addNote 422',
      'BoardController.addStroke 201',
      'BoardController.clear 204',
      'BoardController.move 204',
      'BoardController.move 404',
      'BoardController.remove 204',
      'BoardController.remove 404',
      'CursorController.follow 426',
      'PictureController.add 201',
      'PictureController.add 415',
      'PictureController.add 422',
      'PictureController.show 200',
      'PictureController.show 404',
    ]);
  });

  it('are noticed where they are others', async () => {
    const document = await openApiDocument(hello);
    const { paths } = JSON.parse(JSON.stringify(document));
    paths['/'].get.responses = { 200: { description: 'OK', content: { 'application/json': {} } } };
    paths['/hello'].get.responses = { 200: { description: 'OK' } };
    const problem = { type: 'object', required: ['reason'] };
    paths['/fail'].get.responses = {
      500: { description: '', content: { 'application/problem+json': { schema: problem } } },
    };
    const answers = new DescribedAnswers({ ...document, paths });
    await using t = await createApp({ ...hello, use: [answers.middleware], logger: loggerInto([]) }).test();
    for (const url of ['/', '/hello', '/fail']) await t.get(url);
    expect(answers.faults).toEqual([
      'GET /: 200 text/plain is no type that it has',
      'GET /hello: 400 is no status that it has',
      "GET /fail: 500 it must have required property 'reason'",
    ]);
  });
});
