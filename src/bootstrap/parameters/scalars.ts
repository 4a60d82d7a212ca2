/** Reads text as the type that the compiler emitted. */

/** What text that is no value of the type reads as. No type has it as a value. */
export const NO_VALUE: unique symbol = Symbol('no value');

/** One type that a parameter can be read as. */
export interface ScalarReader {
  /** Completes "must be". */
  readonly description: string;
  read(text: string): unknown;
}

/** Decimal, as JSON has it, with leading zeros allowed: no hexadecimal, no sign in front but a minus, no spaces. */
const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?\d+$/;
/** full-date, and date-time with its offset (RFC 3339 §5.6). A leap second has no `Date`. */
const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;
const SPACE_OR_CONTROL = /[\s\p{Cc}]/u;

const SCALARS: ReadonlyMap<unknown, ScalarReader> = new Map<unknown, ScalarReader>([
  [String, { description: 'text', read: (text) => text }],
  [Number, { description: 'a finite decimal number', read: readNumber }],
  [Boolean, { description: 'true, false, 1 or 0', read: readBoolean }],
  [BigInt, { description: 'a whole decimal number', read: (text) => (INTEGER.test(text) ? BigInt(text) : NO_VALUE) }],
  [Date, { description: 'an RFC 3339 date, or date and time with its offset', read: readDate }],
  [URL, { description: 'an absolute URL', read: readUrl }],
]);

const HEADER_DATE: ScalarReader = {
  description: 'an HTTP date',
  read: (text) => readHttpDate(text) ?? readDate(text),
};

/** The reader for an emitted type; `undefined` where text cannot be read as it. */
export function scalarReader(type: unknown, isHeader = false): ScalarReader | undefined {
  return isHeader && type === Date ? HEADER_DATE : SCALARS.get(type);
}

/** A whole number beyond 2^53 would silently become its neighbour, another row's id. */
function readNumber(text: string): unknown {
  if (!DECIMAL.test(text)) return NO_VALUE;
  const value = Number(text);
  const isExact = Number.isFinite(value) && (Number.isSafeInteger(value) || !INTEGER.test(text));
  return isExact ? value : NO_VALUE;
}

function readBoolean(text: string): unknown {
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : NO_VALUE;
}

function readDate(text: string): unknown {
  const parts = RFC_3339.exec(text);
  if (parts === null) return NO_VALUE;
  const [, year, month, day] = parts.map(Number) as [number, number, number, number];
  // Date takes 30 February for 1 March.
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return NO_VALUE;
  return new Date(text.toUpperCase());
}

/** Reads IMF-fixdate, the one form that is still generated (RFC 9110 §5.6.7). */
function readHttpDate(text: string): Date | undefined {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) || date.toUTCString() !== text ? undefined : date;
}

function readUrl(text: string): unknown {
  return !SPACE_OR_CONTROL.test(text) && URL.canParse(text) ? new URL(text) : NO_VALUE;
}
