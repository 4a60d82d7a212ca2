/** Loads `@fastify/send` for who serves files. */

import { createRequire } from 'node:module';
import type sendPackage from '@fastify/send';

let loaded: typeof sendPackage | undefined;

/**
 * Loads the package at the first call: 20 ms that only an application pays that serves files. It is an optional peer,
 * because it brings nine packages of its own.
 *
 * @throws Error where it is not installed, with what to do.
 */
export function loadSend(): typeof sendPackage {
  if (loaded === undefined) {
    try {
      loaded = createRequire(import.meta.url)('@fastify/send') as typeof sendPackage;
    } catch (cause) {
      throw new Error('Files are sent by the package @fastify/send: npm install @fastify/send@4', { cause });
    }
  }
  return loaded;
}
