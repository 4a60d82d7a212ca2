/** The type of `timestamptz` in PostgreSQL. */
export const TIMESTAMPTZ = 1184;

/** Gives a time as the API has it (RFC 3339), from PostgreSQL's text. */
export function readTimestamp(text: string): string {
  return new Date(text).toISOString();
}
