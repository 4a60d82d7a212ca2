/** Escapes text for XML. */

/** What is no Char of XML 1.0 (§2.2). */
const NO_CHARACTER = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Whether XML can hold all of it. */
export function isXmlText(text: string): boolean {
  return text.search(NO_CHARACTER) === -1;
}

/** As content of an element. What XML cannot hold becomes U+FFFD. */
export function escapeText(text: string): string {
  return text
    .replace(NO_CHARACTER, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

/** As the value of an attribute in double quotes, whose white space would be normalised. */
export function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\t', '&#9;').replaceAll('\n', '&#10;');
}
