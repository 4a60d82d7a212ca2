import { checkPreconditions, Reply } from 'luminaire';

/** What is changed by several people at once has a version, which its ETag tells. */
interface Versioned {
  readonly version: number;
}

/** What is answered to who has not seen the latest state. */
export const STALE = { 412: 'Somebody else has changed it.', 428: 'It takes If-Match.' };

const etagOf = ({ version }: Versioned): string => `"${version}"`;

export function withETag<Body extends Versioned>(body: Body): Reply<200, Body> {
  return new Reply(200, body, { ETag: etagOf(body) });
}

/** @throws HttpError 412 where somebody else has changed it since, 428 where the client does not say what it has seen. */
export function checkVersion(ifMatch: string | undefined, current: Versioned): void {
  const headers = { get: (name: string) => (name === 'if-match' ? ifMatch : undefined) };
  checkPreconditions({ method: 'PATCH', headers }, { etag: etagOf(current) }, { required: true });
}
