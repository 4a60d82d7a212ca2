/** Runs the webdav sample in a process of its own, which can be killed. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { compiled } from '../../support/compiled.js';

export class WebDavProcess {
  readonly #child: ChildProcess;
  /** Where the resources are, with a slash at its end. */
  readonly url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Serves `served` on any free port. Resolves once it listens. */
  static async start(served: string): Promise<WebDavProcess> {
    const env = { ...process.env, PORT: '0', HOST: '127.0.0.1', WEBDAV_FOLDER: served };
    const child = spawn(process.execPath, [join(await compiled(), 'dist/samples/start.js'), 'webdav'], { env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
      });
    }
    for (;;) {
      const url = /Mount (http:\S+)/.exec(output)?.[1];
      if (url !== undefined) return new WebDavProcess(child, url);
      if (child.exitCode !== null) throw new Error(`The sample ended: ${output}`);
      await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), once(child, 'exit')]);
    }
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Ends it by `signal`; resolves when it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill(signal);
    await gone;
  }
}
