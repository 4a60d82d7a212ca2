import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { run } from './stranger.js';

it('is described by TypeDoc, which finds nothing to warn of', async () => {
  const out = join(inject('installed'), 'api');
  const typedoc = join(inject('tools'), 'node_modules/typedoc/bin/typedoc');
  const { code, output } = await run(process.execPath, [typedoc, '--out', out], inject('tree'));
  expect({ code, output }).toEqual({ code: 0, output: expect.not.stringMatching(/warning|error/) });
  for (const page of ['classes/index.Server.html', 'functions/index.bootstrap.html', 'variables/index.Get.html']) {
    expect(existsSync(join(out, page)), page).toBe(true);
  }
});
