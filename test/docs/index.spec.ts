import { describe, expect, it } from 'vitest';
import type { AppSetup } from '../../src/index.js';
import { testGuide } from './guide.js';

const guide = await testGuide('index.md');

/** The table of requests: request, status, content. */
const rows = [...guide.text.matchAll(/^\| `(\w+) (\S+)` \| (\d+) \| (.*) \|$/gm)].map(
  ([, method = '', path = '', status = '', content = '']) => ({ method, path, status: Number(status), content }),
);

describe('the landing page', () => {
  it('has requests to its example', () => {
    expect(rows.map(({ status }) => status)).toEqual([200, 400, 404, 405]);
  });

  it.each(rows)('says what $method $path is answered', async ({ method, path, status, content }) => {
    const { app } = await guide.load<{ app: AppSetup }>('planets.ts');
    await using t = await app.test();
    const answer = await t.request(method, path);
    const text = await answer.text();
    expect(answer.status).toBe(status);
    for (const [, word = ''] of content.matchAll(/`([^`]+)`/g)) {
      expect(`Allow: ${answer.headers.get('allow')} ${text}`).toContain(word);
    }
  });
});
