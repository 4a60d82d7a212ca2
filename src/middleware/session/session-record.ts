/** Defines what is kept of one session, wherever it is kept. */

/**
 * What a session holds: JSON values. Declare your fields by merging:
 * `declare module 'luminaire' { interface SessionFields { userId?: number } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: applications fill it by declaration merging.
export interface SessionFields {}

/** The fields of one session, frozen with all that is in them: they are changed by `update` alone. */
export type SessionValues = Readonly<Partial<SessionFields>>;

export interface SessionRecord {
  /** When it was made or regenerated, in milliseconds since 1970. */
  readonly createdAt: number;
  /** When it ends unless it is renewed, in milliseconds since 1970. */
  readonly expiresAt: number;
  readonly values: SessionValues;
}

/** @throws TypeError where a value has no JSON: a big integer, a cycle. */
export function writeRecord({ createdAt, expiresAt, values }: SessionRecord): string {
  return JSON.stringify([createdAt, expiresAt, values]);
}

/** Gives back what {@link writeRecord} wrote. */
export function readRecord(text: string): SessionRecord {
  const [createdAt, expiresAt, values] = JSON.parse(text, (_name, value: unknown) => Object.freeze(value)) as [
    number,
    number,
    SessionValues,
  ];
  return { createdAt, expiresAt, values };
}
