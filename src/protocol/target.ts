/** Takes a request-target apart, in each of its four forms (RFC 9112 §3.2). */

import { ASTERISK, latin1, SLASH } from './chars.js';
import { isAuthority, isAuthorityWithPort } from './host.js';
import { Query } from './query.js';

export { decodePath } from './percent.js';
export { parseForm, Query } from './query.js';

/** The four forms of RFC 9112 §3.2.1 to §3.2.4. */
export type TargetForm = 'origin' | 'absolute' | 'authority' | 'asterisk';

/** A proxy's clients send any scheme; to this server only its own two make sense. */
const SCHEME_AND_AUTHORITY = /^https?:\/\/([^/?]*)/i;

/**
 * Finds the form of the target in [start, end), whose octets are known to be of TARGET, or undefined if it has none.
 * CONNECT takes authority-form and nothing else; "*" is taken with any method, since M-SEARCH and others use it.
 */
export function formOf(bytes: Buffer, start: number, end: number, method: string): TargetForm | undefined {
  if (method === 'CONNECT') return isAuthorityWithPort(bytes, start, end) ? 'authority' : undefined;
  if (bytes[start] === SLASH) return 'origin';
  if (bytes[start] === ASTERISK && end - start === 1) return 'asterisk';
  const match = SCHEME_AND_AUTHORITY.exec(latin1(bytes, start, end));
  if (match === null) return undefined;
  const authorityEnd = start + match[0].length;
  return isAuthority(bytes, authorityEnd - match[1].length, authorityEnd) ? 'absolute' : undefined;
}

/** Gives the path of a target as it was sent, "*" where it has none, "/" where that of an absolute-form is empty. */
export function pathOf(form: TargetForm, raw: string): string {
  if (form === 'asterisk' || form === 'authority') return '*';
  const start = form === 'absolute' ? endOfAuthority(raw) : 0;
  const question = raw.indexOf('?', start);
  return raw.slice(start, question === -1 ? raw.length : question) || '/';
}

/** Gives the query of a target as it was sent, without "?", or ''. */
export function searchOf(form: TargetForm, raw: string): string {
  if (form === 'asterisk' || form === 'authority') return '';
  const question = raw.indexOf('?');
  return question === -1 ? '' : raw.slice(question + 1);
}

/** Gives the authority that a target names, or '' where its form has none and the Host field tells. */
export function authorityOf(form: TargetForm, raw: string): string {
  if (form === 'authority') return raw;
  return form === 'absolute' ? raw.slice(raw.indexOf('//') + 2, endOfAuthority(raw)) : '';
}

function endOfAuthority(raw: string): number {
  return SCHEME_AND_AUTHORITY.exec(raw)?.[0].length ?? 0;
}

/** The request-target as a message head gives it; each value is made when it is read. */
export interface TargetSource {
  readonly form: TargetForm;
  readonly target: string;
  readonly authority: string;
}

/** What a request asks for. Nothing is decoded until it is read, and then once. */
export class RequestTarget {
  readonly #source: TargetSource;
  #path: string | undefined = undefined;
  #query: Query | undefined = undefined;

  constructor(source: TargetSource) {
    this.#source = source;
  }

  /** Which of the four forms was sent. */
  get form(): TargetForm {
    return this.#source.form;
  }

  /** The target as it was sent. */
  get raw(): string {
    return this.#source.target;
  }

  /** The host and port asked: the target's own if it names one, or the Host field's (RFC 9112 §3.3). */
  get authority(): string {
    return this.#source.authority;
  }

  /** The path as it was sent, without the query; "*" in asterisk-form and authority-form. */
  get path(): string {
    this.#path ??= pathOf(this.#source.form, this.#source.target);
    return this.#path;
  }

  /** The query as it was sent, without "?", or ''. */
  get search(): string {
    return searchOf(this.#source.form, this.#source.target);
  }

  /** The parameters of the query. */
  get query(): Query {
    this.#query ??= new Query(this.search);
    return this.#query;
  }

  /** Gives the target as it was sent. */
  toString(): string {
    return this.#source.target;
  }
}
