/** Tells a client which condition of RFC 4918 §16 its request did not meet. */

import { type ErrorReply, HttpError, Reply } from 'luminaire';
import { XML_HEAD, XML_TYPE } from './multistatus.js';
import { escapeText } from './xml-text.js';

/** An error with the element that says which condition it is about. */
export class DavError extends HttpError {
  /** `hrefs` are the resources that stand in the way. */
  constructor(
    message: string,
    status: number,
    readonly condition: string,
    readonly hrefs: readonly string[] = [],
  ) {
    super(message, status);
  }

  /** The `error` element. */
  get xml(): string {
    return `<D:error xmlns:D="DAV:">${conditionXml(this.condition, this.hrefs)}</D:error>`;
  }
}
DavError.prototype.name = 'DavError';

/** Sends the element in place of a problem document: for `onError` of the application. */
export const replyToDavError: ErrorReply = (error) => {
  if (!(error instanceof DavError)) return undefined;
  return new Reply(error.status, XML_HEAD + error.xml, { 'Content-Type': XML_TYPE });
};

function conditionXml(condition: string, hrefs: readonly string[]): string {
  const inner = hrefs.map((href) => `<D:href>${escapeText(href)}</D:href>`).join('');
  return `<D:${condition}>${inner}</D:${condition}>`;
}
