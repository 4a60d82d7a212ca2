import { describe, expect, it } from 'vitest';
import { app } from '../src/app.js';
import { Greeter } from '../src/greetings/greeter.js';
import { GreetingController } from '../src/greetings/greeting.controller.js';

describe('the greetings', () => {
  it('greet by the name in the path', async () => {
    await using t = await app.test();
    const response = await t.get('/greetings/Ada?shout=true');
    expect([response.status, await response.json()]).toEqual([200, { text: 'HELLO ADA!' }]);
  });

  it('greet by the name in the content, as its decorators say', async () => {
    await using t = await app.test();
    const response = await t.of(GreetingController).greet({ name: 'Ada', shout: false });
    expect(await response.json()).toEqual({ text: 'Hello Ada!' });
  });

  it.each([
    ['a name that is empty', { name: '' }, '/name'],
    ['a shout that is no boolean', { name: 'Ada', shout: 'yes' }, '/shout'],
  ])('refuse %s, and say where it is', async (_title, json, pointer) => {
    await using t = await app.test();
    const response = await t.post('/greetings', { json });
    expect([response.status, await response.json()]).toMatchObject([422, { errors: [{ pointer }] }]);
  });

  it('use whatever stands in the place of the greeter', async () => {
    await using t = await app.with(Greeter, { greet: () => ({ text: 'Ahoy!' }) }).test();
    expect(await (await t.get('/greetings/Ada')).json()).toEqual({ text: 'Ahoy!' });
  });
});

describe('the application', () => {
  it('says that it is ready', async () => {
    await using t = await app.test();
    expect((await t.get('/readyz')).status).toBe(200);
  });

  it('describes itself', async () => {
    await using t = await app.test();
    const document = (await (await t.get('/docs/openapi.json')).json()) as { paths: object };
    expect(Object.keys(document.paths).sort()).toEqual(['/greetings', '/greetings/{name}']);
  });
});
