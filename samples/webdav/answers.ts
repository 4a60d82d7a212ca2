/** Says what the answers are that several methods have. */

import type { DocOptions, ResponseDoc } from 'luminaire';
import { XML_TYPE } from './multistatus.js';

/** An answer in XML: to a request that was refused it names the condition that is not met (RFC 4918 §16). */
export function inXml(description: string): ResponseDoc {
  return { description, type: XML_TYPE };
}

/** As {@link inXml}, or a problem document where it is about no such condition. */
export function inXmlOrNot(description: string): ResponseDoc {
  return { description, type: 'application/*' };
}

type Responses = NonNullable<DocOptions['responses']>;

/** Of whatever has to do with a resource. */
export const REFUSED: Responses = {
  400: 'A field or the content is malformed.',
  403: 'The server does not do this here.',
  409: 'What it takes is not there, or not any more.',
  412: 'A condition of the request does not hold.',
};

/** Of whatever changes a resource. */
export const CHANGE_REFUSED: Responses = {
  ...REFUSED,
  423: inXml('It is locked, and the request has no token of that lock.'),
  507: 'No space is left.',
};

export const TOO_LONG = 'The content is too long.';
