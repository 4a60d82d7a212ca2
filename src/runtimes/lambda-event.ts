/** Reads the request out of an event of AWS Lambda. */

/** As much of the format 2.0 as a request needs: that of Function URLs, and of HTTP APIs by default. */
export interface HttpEvent {
  readonly version: string;
  readonly rawPath: string;
  /** Without "?". */
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: {
    readonly domainName: string;
    readonly http: { readonly method: string; readonly sourceIp: string };
  };
}

/** Methods whose requests have no content in the fetch standard. */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Makes the request that `event` tells of. @throws TypeError for an event of another format. */
export function eventRequest(event: HttpEvent): Request {
  if (event.version !== '2.0') {
    throw new TypeError(`An event is expected in the format 2.0 of HTTP APIs and Function URLs, got ${event.version}`);
  }
  const { requestContext, cookies = [], body, isBase64Encoded } = event;
  const { method } = requestContext.http;
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) if (value !== undefined) headers.append(name, value);
  if (cookies.length > 0) headers.set('cookie', cookies.join('; '));
  const hasContent = body !== undefined && !WITHOUT_CONTENT.has(method);
  return new Request(urlOf(event), {
    method,
    headers,
    ...(hasContent && { body: isBase64Encoded ? Buffer.from(body, 'base64') : body }),
  });
}

function urlOf({ rawPath, rawQueryString, headers, requestContext }: HttpEvent): string {
  // An HTTP API gives the path decoded: what would end it there must not.
  const path = rawPath.replace(/[?#]/g, encodeURIComponent);
  return `https://${headers.host ?? requestContext.domainName}${path}${rawQueryString === '' ? '' : `?${rawQueryString}`}`;
}
