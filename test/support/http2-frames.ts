/** Writes frames of HTTP/2, whatever they do, and reads those that come back. */

import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

/** Types of frames (RFC 9113 §6). */
export const TYPES = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const END_STREAM = 1;
export const END_HEADERS = 4;

/** One frame that was received. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A frame as bytes. */
export function frame(type: keyof typeof TYPES, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)) {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = TYPES[type];
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** A number of four octets. */
export function octets(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Field lines as literals that nobody indexes (RFC 7541 §6.2.2), latin1 as they are. */
export function fieldSection(...lines: readonly (readonly [name: string, value: string])[]): Buffer {
  const text = (value: string) => Buffer.concat([integer(value.length), Buffer.from(value, 'latin1')]);
  return Buffer.concat(lines.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

/** An integer with a prefix of 7 bits (RFC 7541 §5.1). */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** The field section of a request. */
export function section(line: string, ...more: readonly (readonly [name: string, value: string])[]): Buffer {
  const [method = '', path = ''] = line.split(' ');
  return fieldSection([':method', method], [':scheme', 'https'], [':path', path], [':authority', 'h'], ...more);
}

/** A whole request without content. */
export function getFrame(stream: number, path = '/'): Buffer {
  return frame('HEADERS', END_STREAM | END_HEADERS, stream, section(`GET ${path}`));
}

/** One connection, whose preface has been sent. */
export class FrameClient {
  readonly socket: TLSSocket;
  readonly frames: Frame[] = [];
  #rest = Buffer.alloc(0);

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    // A reset is a way to close.
    socket.on('error', () => {});
  }

  static async to(port: number, settings: Uint8Array = Buffer.alloc(0)): Promise<FrameClient> {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    await once(socket, 'secureConnect');
    const client = new FrameClient(socket);
    client.send(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame('SETTINGS', 0, 0, settings));
    return client;
  }

  send(...bytes: readonly Uint8Array[]): this {
    this.socket.write(Buffer.concat(bytes));
    return this;
  }

  /** Frames of one type, so far. */
  of(type: keyof typeof TYPES): Frame[] {
    return this.frames.filter((each) => each.type === TYPES[type]);
  }

  /** The error codes of the GOAWAY frames, so far. */
  get goneAway(): number[] {
    return this.of('GOAWAY').map(({ payload }) => payload.readUInt32BE(4));
  }

  /** The error code with which a stream was reset. */
  resetOf(stream: number): number | undefined {
    return this.of('RST_STREAM')
      .find((each) => each.stream === stream)
      ?.payload.readUInt32BE(0);
  }

  #take(bytes: Buffer): void {
    let rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const size = rest.length < 9 ? Number.POSITIVE_INFINITY : 9 + rest.readUIntBE(0, 3);
      if (rest.length < size) break;
      const payload = rest.subarray(9, size);
      this.frames.push({ type: rest[3] as number, flags: rest[4] as number, stream: rest.readUInt32BE(5), payload });
      rest = rest.subarray(size);
    }
    this.#rest = rest;
  }
}
