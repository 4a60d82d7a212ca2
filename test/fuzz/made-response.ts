/** Makes a response out of bytes: they choose what is set, to what, and how it is sent. */

import { Response } from '../../src/http/response.js';
import type { ResponseSink } from '../../src/http/response-sink.js';

export interface MadeResponse {
  /** What has left, as latin1. */
  readonly wire: string;
  readonly method: string;
  /** False where what was set was refused. */
  readonly wasSent: boolean;
}

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST'];

export function makeResponse(bytes: Buffer): MadeResponse {
  let wire = '';
  const sink: ResponseSink = {
    persists: () => (bytes[0] ?? 0) % 2 === 0,
    write(data) {
      wire += typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
      return true;
    },
    encode: () => undefined,
    writeEncoded() {},
    drained: () => Promise.resolve(),
    onGone() {},
    becomeEndless() {},
    finish() {},
    destroy() {},
    offersUpgrade: () => false,
    detach() {
      throw new Error('This sink has no socket');
    },
    fail() {},
  };
  const method = METHODS[(bytes[0] ?? 0) % METHODS.length] as string;
  const res = new Response(sink, method, 1);
  const texts = bytes
    .subarray(1)
    .toString(bytes.length % 2 === 0 ? 'latin1' : 'utf8')
    .split('|');
  for (const [i, text] of texts.entries()) unlessRefused(() => set(res, (text.charCodeAt(0) || i) % 6, text.slice(1)));
  const isSent = unlessRefused(() => res.send(texts.at(-1) ?? ''));
  return { wire, method, wasSent: isSent };
}

function set(res: Response, what: number, text: string): void {
  const equals = Math.max(text.indexOf('='), 0);
  if (what === 0) res.setStatus(200 + (text.length % 400), text);
  else if (what === 1) res.setContentType(text);
  else if (what === 2) res.setHeader(text.slice(0, equals), text.slice(equals + 1));
  else if (what === 3) res.addHeader(text.slice(0, equals), text.slice(equals + 1));
  else if (what === 4) res.addHeader('Location', text);
  else res.appendBody(text);
}

/** False where `act` threw what it documents: a TypeError, a RangeError, or an Error on sending. */
function unlessRefused(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (
      error instanceof TypeError ||
      error instanceof RangeError ||
      /^(?:send|\w+): /.test(String((error as Error).message))
    ) {
      return false;
    }
    throw error;
  }
}
