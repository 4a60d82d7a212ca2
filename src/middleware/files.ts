/** Serves the files of a folder. */

import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CODINGS } from '../http/accept-encoding.js';
import { answerWithFile, type FileAnswer, type FileOptions } from '../http/files/file-content.js';
import { loadSend } from '../http/files/send-package.js';
import type { Middleware, Next } from '../http/handler.js';
import { encodeLocation } from '../http/location.js';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';
import { decodePath } from '../protocol/percent.js';
import { checkNames, checkWhole, optionError } from './option-error.js';

/** Where a folder stands, and how its files are served. */
export interface FilesOptions extends Omit<FileOptions, 'root' | 'type'> {
  /** The path that the folder stands at: with `/assets`, `/assets/a.css` is `a.css` in it. Default `/`. */
  readonly prefix?: string;
  /** What a folder is answered with, the first that is there; false for nothing. Default `index.html`. */
  readonly index?: string | readonly string[] | false;
}

/** What the options come to. */
interface Folder {
  readonly root: string;
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly indexes: readonly string[];
  readonly file: FileOptions;
}

/** An escaped slash is a character of its segment, which no file name has; other systems read a backslash as one. */
const ESCAPED_SLASH = /%2f|%5c/i;

/**
 * Answers GET and HEAD with the files below `root`, and whatever else comes, also a GET of what is not there, with what
 * is further in. `/folder` is sent on to `/folder/` where that has an index. Each file is answered as `sendFile` does.
 *
 * @throws TypeError where `root` is no folder, and for an option that is malformed; Error where `@fastify/send` is not
 * installed.
 */
export function files(root: string, options: FilesOptions = {}): Middleware {
  const folder = readOptions(root, options);
  loadSend();
  // Named for the route table and for errors.
  return function files(req, res, next) {
    const path = req.method === 'GET' || req.method === 'HEAD' ? pathWithin(folder, req) : undefined;
    return path === undefined ? next(req, res) : serve(folder, path, req, res, next);
  };
}

/** What the request names in the folder, decoded; undefined where it is elsewhere. */
function pathWithin({ prefix }: Folder, req: Request): string | undefined {
  const raw = req.url.path;
  if (raw[0] !== '/' || ESCAPED_SLASH.test(raw)) return undefined;
  const path = decodePath(raw);
  if (path === undefined || !path.startsWith(prefix)) return undefined;
  if (path.length === prefix.length) return '';
  return path[prefix.length] === '/' ? path.slice(prefix.length) : undefined;
}

/** `path` is what follows the prefix: empty, or it starts with a slash. */
async function serve(folder: Folder, path: string, req: Request, res: Response, next: Next): Promise<void> {
  if (path.endsWith('/')) {
    for (const index of folder.indexes) {
      if ((await answer(folder, path.slice(1) + index, req, res)) === 'sent') return;
    }
  } else {
    const found = await answer(folder, path.slice(1), req, res);
    if (found === 'sent') return;
    if (found === 'directory' && (await hasIndex(folder, path))) {
      const { path: raw, search } = req.url;
      // Of the path as it was sent, and never of another host: what starts with two slashes is not below the root.
      const location = encodeLocation(search === '' ? `${raw}/` : `${raw}/?${search}`);
      res.setStatus(301).setHeader('Location', location).send();
      return;
    }
  }
  return next(req, res);
}

function answer({ file }: Folder, name: string, req: Request, res: Response): Promise<FileAnswer> {
  return answerWithFile(req, res, name, file);
}

/** Where there is none, the path may be a route's. */
async function hasIndex({ root, indexes }: Folder, path: string): Promise<boolean> {
  for (const index of indexes) {
    const isFile = await stat(join(root, path, index)).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile) return true;
  }
  return false;
}

const LINKS: readonly unknown[] = ['inside', 'follow', 'refuse'];
const OPTIONS = [
  'prefix',
  'index',
  'dotFiles',
  'symbolicLinks',
  'maxAge',
  'immutable',
  'cacheControl',
  'precompressed',
] as const satisfies readonly (keyof FilesOptions)[];

function readOptions(root: string, options: FilesOptions): Folder {
  checkNames('files', options, OPTIONS);
  const { prefix = '/', index = 'index.html', ...file } = options;
  if (typeof root !== 'string' || !statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    throw optionError('files: root', 'a folder that is there', root);
  }
  if (typeof prefix !== 'string' || prefix[0] !== '/') {
    throw optionError('files: prefix', 'a path that starts with "/"', prefix);
  }
  const indexes = index === false ? [] : typeof index === 'string' ? [index] : index;
  if (!Array.isArray(indexes) || !indexes.every(isName)) throw optionError('files: index', 'names of files', index);
  checkFileOptions(file);
  const absolute = resolve(root);
  return { root: absolute, prefix: prefix.replace(/\/+$/, ''), indexes, file: { ...file, root: absolute } };
}

function isName(name: unknown): boolean {
  return typeof name === 'string' && /^[^/\\\0]+$/.test(name);
}

function checkFileOptions({ maxAge, symbolicLinks, precompressed, cacheControl, dotFiles, immutable }: FileOptions) {
  if (maxAge !== undefined) checkWhole('files: maxAge', maxAge, 0);
  if (symbolicLinks !== undefined && !LINKS.includes(symbolicLinks)) {
    throw optionError('files: symbolicLinks', LINKS.map((one) => `"${one}"`).join(', '), symbolicLinks);
  }
  if (Array.isArray(precompressed) && !precompressed.every((coding) => CODINGS.includes(coding))) {
    throw optionError('files: precompressed', `a boolean, or a list of ${CODINGS.join(', ')}`, precompressed);
  }
  if (cacheControl !== undefined && cacheControl !== false && typeof cacheControl !== 'string') {
    throw optionError('files: cacheControl', 'the value of the field, or false', cacheControl);
  }
  for (const [name, value] of Object.entries({ dotFiles, immutable })) {
    if (value !== undefined && typeof value !== 'boolean') throw optionError(`files: ${name}`, 'a boolean', value);
  }
}
