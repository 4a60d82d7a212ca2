import { describe, expect, it } from 'vitest';
import type { Application } from '../../src/index.js';
import { testGuide } from './guide.js';

const guide = await testGuide('deployment.md');

describe('the guide to deployment', () => {
  // What the files of docs/deployment do is for test/deployment.
  it('serves where it is told to, and is ready', async () => {
    Object.assign(process.env, { HOST: '127.0.0.1', PORT: '0' });
    const { app } = await guide.load<{ app: Application }>('main.ts');
    expect(await (await fetch(app.url, { headers: { 'x-forwarded-for': '192.0.2.1' } })).text()).toBe(
      'Hello 192.0.2.1',
    );
    expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
    await app.close();
  });
});
