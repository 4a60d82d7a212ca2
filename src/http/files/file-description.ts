/** Tells of a file what the fields of an answer tell: its entity tag, its type. */

import type { Stats } from 'node:fs';
import type { Coding } from '../accept-encoding.js';
import { loadSend } from './send-package.js';

/** A file modified in the last second may change again without its time telling (RFC 9110 §8.8.1). */
const SETTLED_MS = 1_000;

/**
 * A strong tag of the size and the time of modification, as other servers make it; weak while the file may still be
 * changing. Each coding has its own: its bytes are others.
 */
export function etagOf({ size, mtimeMs }: Stats, coding: Coding | undefined): string {
  const opaque = `"${size.toString(16)}-${Math.round(mtimeMs * 1000).toString(16)}${coding === undefined ? '' : `-${coding}`}"`;
  return Date.now() - mtimeMs < SETTLED_MS ? `W/${opaque}` : opaque;
}

/** The Content-Type by the ending of `name`: text is UTF-8, and what nobody knows `application/octet-stream`. */
export function typeOf(name: string): string {
  const { mime, isUtf8MimeType } = loadSend();
  const type = mime.getType(name) ?? 'application/octet-stream';
  // RFC 9239 §6.
  if (type === 'application/javascript') return 'text/javascript; charset=utf-8';
  return isUtf8MimeType(type) ? `${type}; charset=utf-8` : type;
}
