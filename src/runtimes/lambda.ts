/** Makes an application an AWS Lambda function, behind a Function URL or an HTTP API. */

import type { Application } from '../bootstrap/application.js';
import { eventRequest, type HttpEvent } from './lambda-event.js';

export type { HttpEvent } from './lambda-event.js';

/** An answer in the format 2.0 of API Gateway's payloads. */
export interface HttpResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The values of `Set-Cookie`, which may not be joined. */
  readonly cookies: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** The stream that the runtime of Lambda sends an answer by. */
export interface LambdaStream extends NodeJS.WritableStream {
  readonly destroyed: boolean;
}

/** What the runtime of Lambda has for functions that stream. */
export interface AwsLambda {
  /** Makes a handler of events and streams the handler of the function. @typeParam Streaming Takes both. */
  streamifyResponse<Streaming extends (event: HttpEvent, stream: LambdaStream) => Promise<void>>(
    handler: Streaming,
  ): Streaming;
  readonly HttpResponseStream: {
    /** Puts a head before what is written to `stream`. */
    from(stream: LambdaStream, head: Pick<HttpResult, 'statusCode' | 'headers' | 'cookies'>): LambdaStream;
  };
}

declare const awslambda: AwsLambda;

/** Makes the handler of a function whose answers are sent whole: at most 6 MB, and no event streams. */
export function lambda(app: PromiseLike<Application> | Application): (event: HttpEvent) => Promise<HttpResult> {
  // Once, and before the first event: a function is ready when its module has loaded.
  const built = Promise.resolve(app);
  built.catch(() => {});
  return async (event) => {
    const answer = await answerTo(event, await built);
    const content = Buffer.from(await answer.arrayBuffer());
    const isText = TEXT.test(answer.headers.get('content-type') ?? '') && !answer.headers.has('content-encoding');
    return {
      ...headOf(answer),
      body: content.toString(isText ? 'utf8' : 'base64'),
      isBase64Encoded: !isText,
    };
  };
}

/**
 * Makes the handler of a function whose answers are streamed: a Function URL whose invoke mode is `RESPONSE_STREAM`.
 * Content is made no faster than the runtime takes it.
 */
export function streamingLambda(
  app: PromiseLike<Application> | Application,
): (event: HttpEvent, stream: LambdaStream) => Promise<void> {
  const built = Promise.resolve(app);
  built.catch(() => {});
  return awslambda.streamifyResponse(async (event, raw) => {
    const answer = await answerTo(event, await built);
    const stream = awslambda.HttpResponseStream.from(raw, headOf(answer));
    // The head leaves with the first piece, even where that is empty.
    stream.write('');
    const reader = answer.body?.getReader();
    stream.once('close', () => reader?.cancel().catch(() => {}));
    for (let piece = await reader?.read(); piece !== undefined && !piece.done; piece = await reader?.read()) {
      if (!stream.write(piece.value)) await roomIn(stream);
    }
    await new Promise<void>((resolve) => (stream.destroyed ? resolve() : stream.end(resolve)));
  });
}

function answerTo(event: HttpEvent, app: Application): Promise<Response> {
  return app.fetch(eventRequest(event), { remoteAddress: event.requestContext.http.sourceIp });
}

/** Content types whose content is UTF-8 wherever this framework has written it. */
const TEXT = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)|application\/javascript)/i;

function headOf({ status, headers }: Response): Pick<HttpResult, 'statusCode' | 'headers' | 'cookies'> {
  const fields = Object.fromEntries([...headers].filter(([name]) => name !== 'set-cookie'));
  return { statusCode: status, headers: fields, cookies: headers.getSetCookie() };
}

function roomIn(stream: LambdaStream): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      stream.off('drain', settle).off('close', settle);
      resolve();
    };
    stream.on('drain', settle).on('close', settle);
  });
}
