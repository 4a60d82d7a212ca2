/** Opens what a row is sent over: a socket for a Server, with the way to it. */

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { JoinedSocket } from '../../../src/sockets/joined.js';
import type { ListenerSocket } from '../../../src/sockets/listener-socket.js';
import { MemorySocket } from '../../../src/sockets/memory.js';
import { TcpSocket } from '../../../src/sockets/tcp.js';
import { TlsSocket } from '../../../src/sockets/tls.js';
import { UnixSocket } from '../../../src/sockets/unix.js';
import type { Certificate } from '../../support/certificates.js';
import { RawClient } from '../../support/raw-client.js';

/** Gives a fresh socket, and what connects to it once it listens. Its name is that of the function. */
export type Transport = () => { readonly socket: ListenerSocket; connect(): Promise<RawClient> };

export function memory(): ReturnType<Transport> {
  const socket = new MemorySocket();
  return { socket, connect: async () => RawClient.over(socket.connect()) };
}

export function tcp(): ReturnType<Transport> {
  const socket = new TcpSocket();
  return { socket, connect: () => RawClient.tcp(socket.getsockname().port) };
}

export function unix(): ReturnType<Transport> {
  const folder = mkdtempSync(join(tmpdir(), 'luminaire-rows-'));
  const path = join(folder, 'a.sock');
  const connect = async () => {
    const client = connectTo({ path, allowHalfOpen: true });
    await once(client, 'connect');
    // The way in is open now; what the folder is called does not matter any more.
    rmSync(folder, { recursive: true });
    return RawClient.over(client);
  };
  return { socket: new UnixSocket(path), connect };
}

/** The last one of two. */
export function joined(): ReturnType<Transport> {
  const last = memory();
  return { ...last, socket: new JoinedSocket(new MemorySocket(), last.socket) };
}

/** TLS over TCP, with a certificate of `authority`. */
export function tlsWith({ key, cert }: Certificate, ca: string): Transport {
  return function tls() {
    const socket = new TlsSocket({ key, cert });
    const connect = async () => {
      const { port } = socket.getsockname();
      const client = connectTls({ port, host: '127.0.0.1', ca, allowHalfOpen: true } as never);
      await once(client, 'secureConnect');
      return RawClient.over(client);
    };
    return { socket, connect };
  };
}
