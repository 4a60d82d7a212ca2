import { z } from 'zod';

/** Text that PostgreSQL can keep: no NUL, no half of a surrogate pair. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\0\p{Cs}]*$/u, 'No NUL and no lone surrogates');

/** One line that is not blank. */
export const Line = text(200).regex(/^[^\r\n]*\S[^\r\n]*$/u, 'One line that is not blank');
/** Perhaps many lines, or none. */
export const Lines = text(10_000);
/** An id of a row, also where it is a part of a path. */
export const Id = z.coerce.number().int().min(1).max(2_147_483_647);
