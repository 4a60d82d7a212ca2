/** Stands in the place of the package registry: has what is not published yet, and sends npm on for everything else. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { command } from '../support/command.js';

/** One package, as the registry describes it, and its file. */
interface Published {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly file: string;
  readonly bytes: Buffer;
}

/** A registry at `url`, for `npm_config_registry`. */
export class Registry implements AsyncDisposable {
  readonly #server: Server;
  readonly #published: readonly Published[];
  readonly #upstream: string;

  private constructor(published: readonly Published[], upstream: string) {
    this.#published = published;
    this.#upstream = upstream;
    this.#server = createServer((req, res) => {
      const found = this.#find(decodeURIComponent((req.url as string).slice(1)));
      // Nothing is kept: the next registry on this port has other packages.
      if (found === undefined) res.writeHead(302, { Location: new URL(`.${req.url}`, this.#upstream).href }).end();
      else res.writeHead(200, { 'Cache-Control': 'no-store' }).end(found);
    });
  }

  /** Starts one that has `tarballs`, before that of whoever runs this. */
  static async start(tarballs: readonly string[]): Promise<Registry> {
    const { stdout } = await command('npm', ['config', 'get', 'registry']);
    const registry = new Registry(await Promise.all(tarballs.map(read)), stdout.trim());
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** What is at `path`: a package's description, or its file. */
  #find(path: string): string | Buffer | undefined {
    for (const { manifest, file, bytes } of this.#published) {
      if (path === file) return bytes;
      if (path !== manifest.name) continue;
      const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
      const version = { ...manifest, dist: { tarball: `${this.url}${file}`, integrity } };
      const { name, version: latest } = manifest;
      return JSON.stringify({ name, 'dist-tags': { latest }, versions: { [latest]: version } });
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function read(tarball: string): Promise<Published> {
  const { stdout } = await command('tar', ['-xzOf', tarball, 'package/package.json']);
  return { manifest: JSON.parse(stdout), file: basename(tarball), bytes: readFileSync(tarball) };
}
