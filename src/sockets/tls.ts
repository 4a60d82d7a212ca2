/** Listens for TLS on top of another listening socket. */

import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import type { SecureContext, SecureContextOptions, Server, TLSSocket } from 'node:tls';
import { acceptEach } from './accept-each.js';
import { AcceptQueue, DEFAULT_BACKLOG } from './accept-queue.js';
import { ListenerClosed, type ListenerSocket, type SocketName } from './listener-socket.js';
import { socketUrl } from './socket-url.js';
import { TcpSocket } from './tcp.js';

/** PEM text (or its bytes), or the path of a file that has it. */
export type Pem = string | Uint8Array;

/** What a server proves who it is with, and checks who its clients are. */
export interface TlsCredentials {
  /** The private key. */
  readonly key: Pem;
  /** The certificate, and behind it those of the authorities between it and the root. */
  readonly cert: Pem;
  /** The authorities that issue the certificates of clients. */
  readonly ca?: Pem | readonly Pem[];
  /** What the key is encrypted with. */
  readonly passphrase?: string;
}

export interface TlsSocketOptions extends TlsCredentials {
  /** Whether clients are asked for a certificate. Needs `ca`. Default false. */
  readonly requestCert?: boolean;
  /**
   * Whether a client without a certificate of `ca` is turned away in the handshake. Where it is not,
   * `req.clientCertificate` is undefined for it. Default true.
   */
  readonly rejectUnauthorized?: boolean;
  /**
   * Whether HTTP/2 is spoken with clients that offer it, as browsers do. Others, and those that offer HTTP/1.1 alone, are
   * served as ever. Default true.
   */
  readonly http2?: boolean;
  /** Oldest version that is spoken. Default `TLSv1.2`: RFC 8996 forbids those before. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's names of cipher suites, with colons between. Default: Node's. */
  readonly ciphers?: string;
  /** Milliseconds in which a handshake must be complete, or the client is cut off. Default 10000. */
  readonly handshakeTimeout?: number;
  /** Gives other credentials for a host name that the client asks for (RFC 6066 §3), by `tls.createSecureContext`. */
  readonly serverName?: (name: string) => SecureContext | undefined | Promise<SecureContext | undefined>;
  /** Hears of handshakes that failed. They end with their client, and nobody else hears of them. */
  readonly onHandshakeError?: (error: Error) => void;
}

/** What is spoken on top of TLS (RFC 7301), the preferred first. A client that offers protocols, and none of these, is refused. */
const PROTOCOLS = ['h2', 'http/1.1'];

const DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * TLS over any listening socket: a TCP port unless told, a Unix socket, one that systemd opened. Its clients are
 * `tls.TLSSocket`s, given when their handshake is complete.
 */
export class TlsSocket implements ListenerSocket {
  readonly #queue = new AcceptQueue();
  readonly #options: TlsSocketOptions;
  readonly #under: ListenerSocket;
  #credentials: TlsCredentials;
  #server: Server | undefined;
  #backlog = DEFAULT_BACKLOG;
  /** Clients whose handshake is not complete. */
  #handshakes = 0;

  /** @throws TypeError where an option is missing or wrong. */
  constructor(options: TlsSocketOptions, under: ListenerSocket = new TcpSocket()) {
    checkOptions(options);
    this.#options = options;
    this.#under = under;
    this.#credentials = credentialsOf(options);
  }

  bind(ip: string, port: number): void | Promise<void> {
    return this.#under.bind(ip, port);
  }

  /** Reads the credentials, then listens. @throws Error where they cannot be read or do not fit one another. */
  async listen(backlog?: number): Promise<void> {
    if (this.#queue.closed) throw new ListenerClosed();
    if (this.#server !== undefined) throw new Error('The socket is already listening');
    const server = await this.#createServer();
    await this.#under.listen(backlog);
    this.#server = server;
    this.#backlog = backlog ?? DEFAULT_BACKLOG;
    this.#queue.setLimit(this.#backlog);
    if (this.#queue.closed) throw new ListenerClosed();
    void acceptEach(this.#under, this.#queue, (client) => this.#shakeHands(client)).then(() => this.#queue.close());
  }

  /**
   * Uses other credentials for new connections; those in progress keep theirs. What is not given stays as it is: without
   * any, the files are read again, which is what renewing a certificate needs.
   *
   * @throws Error where they cannot be read or do not fit one another; the old ones are kept then, and where it does
   * not listen.
   */
  async reload(credentials: Partial<TlsCredentials> = {}): Promise<void> {
    const server = this.#server;
    if (server === undefined) throw new Error('The credentials can be reloaded once the socket listens');
    const next = { ...this.#credentials, ...credentials };
    server.setSecureContext(await this.#contextOptions(next));
    this.#credentials = next;
  }

  accept(): Promise<Duplex> {
    return this.#queue.accept();
  }

  /** The name of the socket below; where that is a port, with an `https` URL. */
  getsockname(): SocketName {
    const name = this.#under.getsockname();
    return name.port === 0 ? name : { ...name, url: socketUrl('https', name.ip, name.port) };
  }

  /** Sets an option of the socket below. */
  setoption(name: string, value: unknown): void {
    this.#under.setoption(name, value);
  }

  /** Stops listening. Handshakes in progress are cut off when they complete, or when their time is up. */
  close(): void | Promise<void> {
    this.#queue.close();
    return this.#under.close();
  }

  async #createServer(): Promise<Server> {
    const {
      http2 = true,
      requestCert = false,
      rejectUnauthorized = true,
      serverName,
      onHandshakeError,
    } = this.#options;
    const { createServer } = await import('node:tls');
    const context = await this.#contextOptions(this.#credentials);
    const sni = serverName && sniCallback(serverName);
    const server = createServer({
      ...context,
      requestCert,
      rejectUnauthorized,
      handshakeTimeout: this.#options.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT_MS,
      ALPNProtocols: http2 ? PROTOCOLS : PROTOCOLS.slice(1),
      ...(sni && { SNICallback: sni }),
    });
    server.on('secureConnection', (client: TLSSocket) => {
      this.#handshakes--;
      client.ref();
      this.#queue.offer(client);
    });
    server.on('tlsClientError', (error, client) => {
      this.#handshakes--;
      // Node leaves a client whose time is up, or which has left in between, as it is.
      client.destroy();
      onHandshakeError?.(error);
    });
    return server;
  }

  #shakeHands(client: Duplex & { unref?(): unknown }): void {
    if (this.#handshakes >= this.#backlog || client.destroyed) {
      client.destroy();
      return;
    }
    this.#handshakes++;
    // A client that never completes it must not keep a process alive that has stopped listening.
    client.unref?.();
    this.#server?.emit('connection', client);
  }

  async #contextOptions(credentials: TlsCredentials): Promise<SecureContextOptions> {
    const { minVersion = 'TLSv1.2', ciphers } = this.#options;
    const { key, cert, ca, passphrase } = credentials;
    const context: SecureContextOptions = {
      key: await readPem('key', key),
      cert: await readPem('cert', cert),
      minVersion,
    };
    if (ca !== undefined) context.ca = await Promise.all([ca].flat().map((pem) => readPem('ca', pem as Pem)));
    if (passphrase !== undefined) context.passphrase = passphrase;
    if (ciphers !== undefined) context.ciphers = ciphers;
    await checkContext(context);
    return context;
  }
}

function credentialsOf({ key, cert, ca, passphrase }: TlsCredentials): TlsCredentials {
  return { key, cert, ...(ca !== undefined && { ca }), ...(passphrase !== undefined && { passphrase }) };
}

function checkOptions(options: TlsSocketOptions): void {
  for (const name of ['key', 'cert'] as const) {
    if (typeof options[name] !== 'string' && !(options[name] instanceof Uint8Array)) {
      throw new TypeError(`TlsSocket: ${name} must be PEM text, its bytes or a path, got ${typeof options[name]}`);
    }
  }
  if (options.requestCert && options.ca === undefined) {
    // Node would trust every authority that browsers do: anybody can have a certificate of those.
    throw new TypeError('TlsSocket: requestCert needs ca, the authorities that issue the certificates of clients');
  }
  const { handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT_MS } = options;
  if (!Number.isSafeInteger(handshakeTimeout) || handshakeTimeout < 1) {
    throw new TypeError(`TlsSocket: handshakeTimeout must be a whole number from 1, got ${handshakeTimeout}`);
  }
}

async function readPem(option: string, pem: Pem): Promise<Buffer> {
  if (typeof pem !== 'string') return Buffer.from(pem);
  if (pem.includes('-----BEGIN ')) return Buffer.from(pem);
  try {
    return await readFile(pem);
  } catch (cause) {
    throw new Error(`TlsSocket: ${option} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Makes a context once: the server would make it without saying what is wrong. */
async function checkContext(context: SecureContextOptions): Promise<void> {
  const { createSecureContext } = await import('node:tls');
  try {
    createSecureContext(context);
  } catch (cause) {
    throw new Error(`TlsSocket: the credentials cannot be used: ${(cause as Error).message}`, { cause });
  }
}

type SniCallback = (name: string, done: (error: Error | null, context?: SecureContext) => void) => void;

function sniCallback(serverName: NonNullable<TlsSocketOptions['serverName']>): SniCallback {
  return (name, done) => {
    // In a promise: what it throws at once fails the handshake too, and nothing else.
    Promise.resolve(name)
      .then(serverName)
      .then(
        (context) => done(null, context),
        (error: Error) => done(error),
      );
  };
}
