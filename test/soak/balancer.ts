/** Starts haproxy in front of several ports, which it asks for their health. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../support/free-port.js';
import { accepts } from './reverse-proxy.js';

const configuration = (port: number, ports: readonly number[]) => `
global
  maxconn 4096
defaults
  mode http
  option redispatch
  option httpchk GET /health
  retries 3
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port}
  default_backend servers
backend servers
  balance roundrobin
  default-server check inter 200ms fall 2 rise 1 on-marked-down shutdown-sessions
${ports.map((upstream, i) => `  server s${i} 127.0.0.1:${upstream}`).join('\n')}
`;

export class Balancer implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port;
    this.#child = child;
    this.#folder = folder;
  }

  /** Starts it on a free port, and waits until it takes connections. */
  static async start(ports: readonly number[]): Promise<Balancer> {
    const folder = mkdtempSync(join(tmpdir(), 'balancer-'));
    const port = await freePort();
    writeFileSync(join(folder, 'haproxy.cfg'), configuration(port, ports));
    const child = spawn('haproxy', ['-db', '-q', '-f', join(folder, 'haproxy.cfg')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const balancer = new Balancer(port, child, folder);
    for (let tries = 0; tries < 100; tries++) {
      if (await accepts(port)) return balancer;
      await wait(50);
    }
    await balancer[Symbol.asyncDispose]();
    throw new Error('haproxy does not listen');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exit;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
