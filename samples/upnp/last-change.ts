/** Writes what one `LastChange` event tells: several variables in one. */

import { escapeXml } from './xml.js';

/** `schema` is `RCS` or `AVT`; each variable with its attributes but the name, `val` among them. */
export function lastChange(schema: 'RCS' | 'AVT', variables: Readonly<Record<string, Record<string, string>>>): string {
  const elements = Object.entries(variables).map(([name, attributes]) => {
    const written = Object.entries(attributes).map(([attribute, text]) => ` ${attribute}="${escapeXml(text)}"`);
    return `<${name}${written.join('')}/>`;
  });
  const namespace = `urn:schemas-upnp-org:metadata-1-0/${schema}/`;
  return `<Event xmlns="${namespace}"><InstanceID val="0">${elements.join('')}</InstanceID></Event>`;
}
