/** Finds the application that a module exports. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AppOptions } from '../bootstrap/bootstrap.js';
import { type AppLike, optionsOf } from '../bootstrap/inspect-app.js';

/** The exports that are looked at, in this order. */
const EXPORTS = ['default', 'app', 'options'] as const;

/** A module that is missing, or exports no application: the caller's mistake, to be told without a stack. */
export class NoApp extends Error {}
NoApp.prototype.name = 'NoApp';

/**
 * Imports the compiled module at `path` and gives the options of its application: what `createApp` gave, awaited or
 * not, or the options themselves, exported as `default`, `app` or `options`. Never awaits it: that would build it.
 *
 * @throws NoApp where there is none; whatever the module throws.
 */
export async function loadApp(path: string): Promise<AppOptions> {
  const file = resolve(path);
  if (!existsSync(file)) throw new NoApp(`There is no module ${path}.`);
  if (/\.[cm]?tsx?$/.test(file)) throw new NoApp(`${path} is not compiled: name its JavaScript.`);
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const found = EXPORTS.map((name) => module[name]).find(isApp);
  if (found !== undefined) return optionsOf(found);
  throw new NoApp(
    `${path} exports no application: export createApp({ controllers: [...] }), or its options, as default, app or options.`,
  );
}

function isApp(value: unknown): value is AppLike {
  if (typeof value !== 'object' || value === null) return false;
  const { options, setup, controllers } = value as { options?: unknown; setup?: unknown; controllers?: unknown };
  return isApp(options) || isApp(setup) || Array.isArray(controllers);
}
