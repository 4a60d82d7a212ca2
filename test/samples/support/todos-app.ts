/** Starts the todos sample in a folder and a database of its own. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { options } from '../../../samples/todos/app.js';
import { Settings } from '../../../samples/todos/settings.js';
import { type AppSetup, createApp } from '../../../src/index.js';
import { type LogEntry, loggerInto } from '../../support/served.js';

/** A place for an application, which may be started there several times. */
export class TodosPlace implements AsyncDisposable {
  readonly folder: string;
  readonly log: LogEntry[] = [];
  /** What the application has told of its progress. */
  readonly reports: string[] = [];
  readonly #databaseUrl: string | undefined;

  private constructor(folder: string, databaseUrl: string | undefined) {
    this.folder = folder;
    this.#databaseUrl = databaseUrl;
  }

  static async make(databaseUrl?: string): Promise<TodosPlace> {
    return new TodosPlace(await mkdtemp(join(tmpdir(), 'todos-')), databaseUrl);
  }

  /** Describes the application as it is, but for its log on the screen. */
  setup(settings: { readonly quota?: number; readonly signInQuota?: number } = {}): AppSetup {
    const use = options.use?.filter((middleware) => middleware.name !== 'accessLog') ?? [];
    return createApp({ ...options, use, env: 'production', logger: loggerInto(this.log) }).with(Settings, {
      quota: 100_000,
      signInQuota: 100_000,
      ...settings,
      databaseUrl: this.#databaseUrl,
      folder: this.folder,
      report: (line: string) => this.reports.push(line),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
