/** Reads calls of actions, and writes their answers (UDA 1.1 §3). */

import { XMLParser } from 'fast-xml-parser';
import { HttpError } from 'luminaire';
import type { UpnpError } from './upnp-error.js';
import { element, escapeXml, XML_DECLARATION } from './xml.js';

/** What a control point asks for. */
export interface Call {
  readonly action: string;
  readonly args: ReadonlyMap<string, string>;
}

/** An envelope, a body, an action and its arguments: four, and some to spare. */
const MAX_DEPTH = 8;

// Nothing is expanded: a document that declares entities could grow a thousandfold (the billion laughs).
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: false,
  maxNestedTags: MAX_DEPTH,
});

/** The entities that XML itself has, and references to characters: all that is left without a DOCTYPE. */
const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads the envelope, whose action must be the one of the `SOAPACTION` field: `"urn:...:1#SetVolume"`.
 *
 * @throws HttpError 400 where it is no XML, has a DOCTYPE, or asks for something else.
 */
export function readCall(envelope: string, soapAction: string, serviceType: string): Call {
  const [, type, action = ''] = /^"([^"#]+)#(\w+)"$/.exec(soapAction) ?? [];
  HttpError.assert(type === serviceType, `SOAPACTION must be "${serviceType}#ActionName".`, 400);
  HttpError.assert(!/<!DOCTYPE/i.test(envelope), 'The envelope must not have a DOCTYPE.', 400);
  let content: unknown;
  try {
    content = parser.parse(envelope, true);
  } catch (cause) {
    throw new HttpError('The envelope is no XML that can be read here.', 400, { cause });
  }
  const call = member(member(member(content, 'Envelope'), 'Body'), action);
  HttpError.assert(call !== undefined, `The body of the envelope does not call ${action}.`, 400);
  const args = new Map<string, string>();
  for (const [name, text] of Object.entries(typeof call === 'object' && call !== null ? call : {})) {
    if (typeof text === 'string') args.set(name, decodeEntities(text));
  }
  return { action, args };
}

/** Writes the answer to a call, with its values in order. */
export function writeResult(serviceType: string, action: string, results: readonly [string, string][]): string {
  const values = results.map(([name, text]) => element(name, text)).join('');
  return envelope(`<u:${action}Response xmlns:u="${escapeXml(serviceType)}">${values}</u:${action}Response>`);
}

/** Writes why a call was not done (UDA 1.1 §3.2.2). */
export function writeFault({ code, message }: UpnpError): string {
  return envelope(
    '<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>' +
      `<UPnPError xmlns="urn:schemas-upnp-org:control-1-0">${element('errorCode', code)}` +
      `${element('errorDescription', message)}</UPnPError></detail></s:Fault>`,
  );
}

function envelope(body: string): string {
  return (
    `${XML_DECLARATION}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ` +
    `s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>${body}</s:Body></s:Envelope>\n`
  );
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return Object.hasOwn(PREDEFINED, name) ? (PREDEFINED[name] as string) : whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
