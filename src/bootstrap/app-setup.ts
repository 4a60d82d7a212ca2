/** Holds what an application is made of, until somebody awaits it. */

import type { TestApp } from '../testing/test-app.js';
import type { Application } from './application.js';
import type { AppOptions } from './bootstrap.js';
import type { Token } from './container.js';

/** What may stand for an instance of `T` in a test: as many of its public members as the test needs. */
export type Double<T> = T | { readonly [Member in keyof T]?: T[Member] };

/** Proves and builds the application that a setup describes. */
export type Build = (setup: AppSetup) => Promise<Application>;

/**
 * An application that is built when it is first awaited, once. So a module may export one, and a test that imports it
 * puts a double in the place of the database before anything connects.
 */
export class AppSetup implements Promise<Application> {
  readonly [Symbol.toStringTag] = 'AppSetup';
  readonly options: AppOptions;
  readonly #build: Build;
  #app: Promise<Application> | undefined = undefined;

  constructor(options: AppOptions, build: Build) {
    this.options = options;
    this.#build = build;
  }

  /** Gives a setup in which `double` stands for `token`, whatever stood for it. It stays the caller's to dispose. */
  with<T>(token: Token<T>, double: Double<T>): AppSetup {
    const others = (this.options.providers ?? []).filter((provider) => provider.token !== token);
    return new AppSetup({ ...this.options, providers: [...others, { token, value: double }] }, this.#build);
  }

  /**
   * Builds an application of its own for one test, on the real parser and writer, without a port:
   * `await using t = await app.test()`.
   *
   * @throws BootError with every mistake that was found.
   */
  async test(): Promise<TestApp> {
    const { TestApp } = await import('../testing/test-app.js');
    // Closing it closes its socket, which may be that of another.
    const { socket: _, ...options } = this.options;
    return new TestApp(await this.#build(new AppSetup(options, this.#build)));
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting it is what builds the application
  then<Done = Application, Failed = never>(
    onDone?: ((app: Application) => Done | PromiseLike<Done>) | null,
    onFailed?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    this.#app ??= this.#build(this);
    return this.#app.then(onDone, onFailed);
  }

  catch<Failed = never>(
    onFailed?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Application | Failed> {
    return this.then(undefined, onFailed);
  }

  finally(onSettled?: (() => void) | null): Promise<Application> {
    return this.then().finally(onSettled);
  }
}
