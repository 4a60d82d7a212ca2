/** Keeps what a response writes. */

import type { Duplex } from 'node:stream';
import type { ResponseSink } from '../../src/http/response-sink.js';

export class Sink implements ResponseSink {
  bytes = '';
  finished: boolean | undefined = undefined;
  isDestroyed = false;
  hasRoom = true;
  isPersistent = true;
  readonly goneListeners: (() => void)[] = [];
  readonly failures: unknown[] = [];

  persists(): boolean {
    return this.isPersistent;
  }
  write(data: string | Uint8Array): boolean {
    this.bytes += typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
    return this.hasRoom;
  }
  encode(): undefined {}
  writeEncoded(): void {}
  drained(): Promise<void> {
    return Promise.resolve();
  }
  onGone(listener: () => void): void {
    this.goneListeners.push(listener);
  }
  becomeEndless(): void {}
  finish(persists: boolean): void {
    this.finished = persists;
  }
  destroy(): void {
    this.isDestroyed = true;
  }
  offersUpgrade(): boolean {
    return false;
  }
  detach(): Duplex {
    throw new Error('This sink has no socket');
  }
  fail(error: unknown): void {
    this.failures.push(error);
  }
}
