/** Follows the grammar of chunk extensions, one octet at a time (RFC 9112 §7.1.1). */

import { BACKSLASH, DOUBLE_QUOTE, EQUALS, FIELD_VALUE, HTAB, SEMICOLON, SP, TOKEN } from './chars.js';

/** After the size, or white space after it: only a ";" may follow. */
export const BEFORE_EXTENSION = 0;
/** After ";". */
const BEFORE_NAME = 1;
/** In a name. */
const IN_NAME = 2;
/** In white space after a name. */
const AFTER_NAME = 3;
/** After "=". */
const BEFORE_VALUE = 4;
/** In a value that is a token. */
const IN_TOKEN = 5;
/** In a quoted-string. */
const IN_QUOTES = 6;
/** After a backslash in a quoted-string. */
const IN_PAIR = 7;
/** After the closing quote. */
const AFTER_QUOTES = 8;
/** The octet does not fit. */
export const NO_EXTENSION = 9;

/**
 * Gives the state after `octet`:
 * chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] ), a value being a token or a quoted-string.
 */
export function nextExtensionState(state: number, octet: number): number {
  const isWhitespace = octet === SP || octet === HTAB;
  switch (state) {
    case BEFORE_EXTENSION:
      return isWhitespace ? BEFORE_EXTENSION : octet === SEMICOLON ? BEFORE_NAME : NO_EXTENSION;
    case BEFORE_NAME:
      return isWhitespace ? BEFORE_NAME : TOKEN[octet] === 1 ? IN_NAME : NO_EXTENSION;
    case IN_NAME:
      return TOKEN[octet] === 1 ? IN_NAME : afterName(octet, isWhitespace);
    case AFTER_NAME:
      return afterName(octet, isWhitespace);
    case BEFORE_VALUE:
      if (octet === DOUBLE_QUOTE) return IN_QUOTES;
      return isWhitespace ? BEFORE_VALUE : TOKEN[octet] === 1 ? IN_TOKEN : NO_EXTENSION;
    case IN_TOKEN:
      return TOKEN[octet] === 1 ? IN_TOKEN : afterValue(octet, isWhitespace);
    case IN_QUOTES:
      if (octet === DOUBLE_QUOTE) return AFTER_QUOTES;
      return octet === BACKSLASH ? IN_PAIR : FIELD_VALUE[octet] === 1 ? IN_QUOTES : NO_EXTENSION;
    case IN_PAIR:
      return FIELD_VALUE[octet] === 1 ? IN_QUOTES : NO_EXTENSION;
    default:
      return afterValue(octet, isWhitespace);
  }
}

/** Tells whether the line may end in `state`. White space before CR LF is in no rule. */
export function mayEndExtension(state: number): boolean {
  return state === IN_NAME || state === IN_TOKEN || state === AFTER_QUOTES;
}

function afterName(octet: number, isWhitespace: boolean): number {
  if (octet === EQUALS) return BEFORE_VALUE;
  return isWhitespace ? AFTER_NAME : octet === SEMICOLON ? BEFORE_NAME : NO_EXTENSION;
}

function afterValue(octet: number, isWhitespace: boolean): number {
  return isWhitespace ? BEFORE_EXTENSION : octet === SEMICOLON ? BEFORE_NAME : NO_EXTENSION;
}
