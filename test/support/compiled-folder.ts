/** Makes the folder that one run of the tests compiles into, before it: see compiled.ts. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    compiledFolder: string;
  }
}

/** Gives what removes it after the run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'luminaire-compiled-'));
  project.provide('compiledFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
}
