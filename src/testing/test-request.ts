/** Turns what a test says about a request into its fields and bytes. */

import type { InjectedRequest } from '../server/inject.js';

/** What a test sends beside the path. At most one of `json`, `form` and `body`. */
export interface TestRequest {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as `application/json`. */
  readonly json?: unknown;
  /** Sent as `application/x-www-form-urlencoded`; a `FormData`, which may hold files, as `multipart/form-data`. */
  readonly form?:
    | FormData
    | URLSearchParams
    | Readonly<Record<string, string>>
    | readonly (readonly [string, string])[];
  /** Sent as it is; its type is for `headers` to say. */
  readonly body?: string | Uint8Array;
}

/** Builds the request that is sent. @throws TypeError where there is more than one content. */
export async function buildTestRequest(
  method: string,
  url: string,
  request: TestRequest = {},
): Promise<InjectedRequest> {
  const contents = (['json', 'form', 'body'] as const).filter((name) => request[name] !== undefined);
  if (contents.length > 1)
    throw new TypeError(`${method} ${url}: a request has one content, got ${contents.join(', ')}`);
  const { headers = {}, json, form, body } = request;
  if (json !== undefined)
    return { method, url, headers: typed(headers, 'application/json'), body: JSON.stringify(json) };
  if (form instanceof FormData) {
    const encoded = new Response(form);
    const type = encoded.headers.get('content-type') ?? '';
    return { method, url, headers: typed(headers, type), body: new Uint8Array(await encoded.arrayBuffer()) };
  }
  if (form !== undefined) {
    const fields = new URLSearchParams(form as ConstructorParameters<typeof URLSearchParams>[0]);
    return { method, url, headers: typed(headers, 'application/x-www-form-urlencoded'), body: fields.toString() };
  }
  return { method, url, headers, ...(body === undefined ? {} : { body }) };
}

function typed(headers: NonNullable<TestRequest['headers']>, type: string): NonNullable<TestRequest['headers']> {
  const isTyped = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return isTyped ? headers : { ...headers, 'content-type': type };
}
