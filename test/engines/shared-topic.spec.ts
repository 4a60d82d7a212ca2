import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shareTopic } from '../soak/shared-topic.js';
import { compiled } from '../support/compiled.js';

it('reaches every client once and in order, although Redis and a process are killed', async () => {
  const script = join(await compiled(), 'dist/test/soak/shared-server.js');
  const outcome = await shareTopic({ clients: 30, events: 40, pauseMs: 5, awayMs: 300, script });
  expect(outcome.found).toEqual([]);
  expect(outcome.published).toBeGreaterThanOrEqual(160);
  expect(outcome.delivered).toBe(30 * outcome.published);
  // Those of the process that was killed, at least.
  expect(outcome.reconnections).toBeGreaterThanOrEqual(10);
}, 60_000);
