import { type ErrorReply, HttpError } from 'luminaire';

/** What PostgreSQL refuses because of somebody who was faster, by its SQLSTATE. */
const REFUSALS: Readonly<Record<string, readonly [message: string, status: number]>> = {
  '23503': ['What this belongs to was removed meanwhile.', 409],
  '40P01': ['Somebody else is changing the same: try again.', 503],
};

export const answerDatabaseError: ErrorReply = (error) => {
  const refusal = REFUSALS[(error as { readonly code?: string } | null)?.code ?? ''];
  return refusal && new HttpError(refusal[0], refusal[1], { cause: error });
};
