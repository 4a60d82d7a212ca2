/** Shows Connect-style middleware as much of a socket as it looks at. */

import { EventEmitter } from 'node:events';
import type { Request } from '../../http/request.js';

/** Address and scheme are those that middleware such as `trustProxy` has found. Emits `close` when the client leaves. */
export class ConnectSocket extends EventEmitter {
  destroyed = false;
  readonly #req: Request;

  constructor(req: Request) {
    super();
    this.#req = req;
  }

  get encrypted(): boolean {
    return this.#req.scheme === 'https';
  }

  get remoteAddress(): string | undefined {
    return this.#req.remoteAddress || undefined;
  }

  get readable(): boolean {
    return !this.destroyed;
  }

  get writable(): boolean {
    return !this.destroyed;
  }

  /** Closes the connection at once. */
  destroy(): this {
    this.#req.socket.destroy();
    return this;
  }

  /** The client has left. @internal */
  leave(): void {
    this.destroyed = true;
    this.emit('close');
  }
}
