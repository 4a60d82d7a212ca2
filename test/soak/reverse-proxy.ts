/** Starts nginx or haproxy as a reverse proxy in front of a port. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../support/free-port.js';

/** How a proxy is told what to do: its configuration, and the command that reads it. */
interface Kind {
  configure(port: number, upstream: number, folder: string): string;
  command(file: string, folder: string): readonly string[];
}

const KINDS = {
  nginx: {
    configure: (port, upstream, folder) => `
      daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr warn;
      ${process.getuid?.() === 0 ? 'user root;' : ''}
      events { worker_connections 4096; }
      http {
        access_log off;
        ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${folder}/${what};`).join('\n')}
        upstream soaked { server 127.0.0.1:${upstream}; keepalive 64; }
        server {
          listen 127.0.0.1:${port};
          keepalive_requests 1000000;
          location / {
            proxy_pass http://soaked;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering off;
            proxy_next_upstream off;
          }
        }
      }`,
    command: (file, folder) => ['nginx', '-e', 'stderr', '-p', folder, '-c', file],
  },
  haproxy: {
    configure: (port, upstream) => `
global
  maxconn 4096
defaults
  mode http
  retries 0
  option http-keep-alive
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port}
  default_backend soaked
backend soaked
  server one 127.0.0.1:${upstream}
`,
    command: (file) => ['haproxy', '-db', '-f', file],
  },
} as const satisfies Record<string, Kind>;

export type ProxyName = keyof typeof KINDS;

export class ReverseProxy {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port;
    this.#child = child;
    this.#folder = folder;
  }

  /** Starts it on a free port. Neither repeats a request that failed: an error of the server is seen. */
  static async start(name: ProxyName, upstream: number): Promise<ReverseProxy> {
    const folder = mkdtempSync(join(tmpdir(), `soak-${name}-`));
    const file = join(folder, 'proxy.conf');
    const port = await freePort();
    const kind: Kind = KINDS[name];
    writeFileSync(file, kind.configure(port, upstream, folder));
    const [command, ...args] = kind.command(file, folder);
    const child = spawn(command as string, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    for (let tries = 0; tries < 50; tries++) {
      if (await accepts(port)) return new ReverseProxy(port, child, folder);
      await wait(100);
    }
    child.kill();
    throw new Error(`soak: ${name} does not listen`);
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exit;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Whether something listens on `port`. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
