/** Parses the XML of a request into elements with their namespaces. */

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { HttpError } from 'luminaire';
import { escapeAttribute, escapeText, isXmlText } from './xml-text.js';

/** An element, its names resolved (Namespaces in XML 1.0). */
export interface XmlElement {
  /** The namespace name, or '' for none. */
  readonly namespace: string;
  /** The local part. */
  readonly name: string;
  /** As it was written, prefix included. */
  readonly qualifiedName: string;
  /** Name as written to value; declarations of namespaces are left out. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children: readonly (XmlElement | string)[];
  /** All namespaces that are in scope, by prefix, '' for the default one. */
  readonly scope: Scope;
  /** The `xml:lang` in scope. */
  readonly language: string | undefined;
}

type Scope = ReadonlyMap<string, string>;

/** Largest XML that is read, in bytes. */
export const MAX_XML_BYTES = 262_144;

/** Deepest element that is read. */
const MAX_DEPTH = 32;

/** Bound apart from the bytes: all namespaces in scope are kept with each property. */
const MAX_NAMESPACES = 64;

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Nothing is ever expanded; the five entities and character references that XML itself has are decoded below.
  processEntities: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
});

/** An element as the parser gives it: its name leads to its children, `:@` to its attributes. */
type Node = Readonly<Record<string, readonly Node[] | Readonly<Record<string, string>> | string>>;

/**
 * Parses one document. A document type is refused, so there is no entity to expand or fetch.
 *
 * @throws HttpError 400 for what is not well-formed, namespaces included, too deep, or has a document type.
 */
export function parseXml(text: string): XmlElement {
  refuseUnless(!/<!DOCTYPE/i.test(text), 'a document type is not accepted');
  refuseUnless(isXmlText(text), 'a control character is not accepted');
  refuseUnless(/>\s*$/.test(text), 'it does not end with an element');
  const valid = XMLValidator.validate(text);
  refuseUnless(valid === true, valid === true ? '' : valid.err.msg);
  const nodes = parse(text).filter((node) => nameOf(node) !== '#text');
  const [root] = nodes;
  refuseUnless(root !== undefined && nodes.length === 1, 'a document has one element at its root');
  return resolveElement(root, new Map([['xml', XML_NAMESPACE]]), undefined);
}

/** Whether `element` is the one of that name in the namespace `DAV:`. */
export function isDav(element: XmlElement | string | undefined, name: string): element is XmlElement {
  return typeof element === 'object' && element.namespace === 'DAV:' && element.name === name;
}

/** The children that are elements. */
export function elementsOf(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child === 'object');
}

/**
 * Writes an element so that it means the same wherever it is put: with every namespace and language that was in scope.
 * Prefixes are kept, as content may refer to them (RFC 4918 §4.3).
 */
export function writeFragment(element: XmlElement): string {
  const { attributes, scope, language } = element;
  const extra: [string, string][] = [];
  for (const [prefix, namespace] of scope) {
    if (prefix !== 'xml' && namespace !== '') extra.push([prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespace]);
  }
  const hasLanguage = language === undefined || attributes.some(([name]) => name === 'xml:lang');
  if (!hasLanguage) extra.push(['xml:lang', language]);
  return writeElement(element, scope, extra);
}

function writeElement(
  { qualifiedName, attributes, children }: XmlElement,
  scope: Scope,
  declarations: readonly (readonly [string, string])[],
): string {
  const pairs = [...declarations, ...attributes].map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`);
  const start = `<${qualifiedName}${pairs.join('')}`;
  if (children.length === 0) return `${start}/>`;
  const content = children.map((child) => {
    return typeof child === 'string' ? escapeText(child) : writeElement(child, child.scope, declared(child, scope));
  });
  return `${start}>${content.join('')}</${qualifiedName}>`;
}

/** What `element` declares anew within `outer`. */
function declared(element: XmlElement, outer: Scope): [string, string][] {
  return [...element.scope]
    .filter(([prefix, namespace]) => (outer.get(prefix) ?? '') !== namespace)
    .map(([prefix, namespace]) => [prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespace]);
}

function parse(text: string): readonly Node[] {
  try {
    return parser.parse(text) as readonly Node[];
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

function nameOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ':@') ?? '';
}

function resolveElement(node: Node, outer: Scope, outerLanguage: string | undefined): XmlElement {
  const qualifiedName = nameOf(node);
  const written = Object.entries((node[':@'] ?? {}) as Readonly<Record<string, string>>);
  const all = written.map(([name, value]) => [name, decodeReferences(value, 'attribute')] as const);
  const scope = scopeWithin(outer, all);
  const attributes = all.filter(([name]) => !isDeclaration(name));
  for (const [name] of attributes) if (name.includes(':')) resolveName(name, scope);
  const language = attributes.find(([name]) => name === 'xml:lang')?.[1] ?? outerLanguage;
  const children = joinTexts(
    (node[qualifiedName] as readonly Node[]).map((child) => {
      const name = nameOf(child);
      if (name === '#text') return decodeReferences(child[name] as string, 'text');
      if (name === '#cdata') return textOfCdata(child[name] as readonly Node[]);
      return resolveElement(child, scope, language);
    }),
  );
  return { ...resolveName(qualifiedName, scope), qualifiedName, attributes, children, scope, language };
}

function isDeclaration(name: string): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}

function scopeWithin(outer: Scope, attributes: readonly (readonly [string, string])[]): Scope {
  const declarations = attributes.filter(([name]) => isDeclaration(name));
  if (declarations.length === 0) return outer;
  const scope = new Map(outer);
  for (const [name, namespace] of declarations) {
    const prefix = name.slice('xmlns:'.length);
    refuseUnless(name === 'xmlns' || /^[^:]+$/.test(prefix), `${name} declares no prefix`);
    // Only the default namespace can be undeclared (Namespaces in XML 1.0 §2.2).
    refuseUnless(name === 'xmlns' || namespace !== '', `the prefix ${prefix} stands for no namespace`);
    const isReserved = prefix === 'xml' || prefix === 'xmlns' || namespace === XML_NAMESPACE;
    refuseUnless(!isReserved || (prefix === 'xml' && namespace === XML_NAMESPACE), `${name} is reserved`);
    scope.set(prefix, namespace);
  }
  refuseUnless(scope.size <= MAX_NAMESPACES, `there are more than ${MAX_NAMESPACES} namespaces`);
  return scope;
}

function resolveName(qualifiedName: string, scope: Scope): { namespace: string; name: string } {
  const [prefix, name, ...rest] = qualifiedName.includes(':') ? qualifiedName.split(':') : ['', qualifiedName];
  refuseUnless(name !== undefined && name !== '' && rest.length === 0, `${qualifiedName} is no name`);
  const namespace = scope.get(prefix as string);
  refuseUnless(namespace !== undefined || prefix === '', `the prefix ${prefix} is not declared`);
  return { namespace: namespace ?? '', name: name as string };
}

function textOfCdata(nodes: readonly Node[]): string {
  return nodes.map((node) => node['#text']).join('');
}

function joinTexts(children: readonly (XmlElement | string)[]): (XmlElement | string)[] {
  const joined: (XmlElement | string)[] = [];
  for (const child of children) {
    const last = joined.at(-1);
    if (typeof child === 'string' && typeof last === 'string') joined[joined.length - 1] = last + child;
    else if (child !== '') joined.push(child);
  }
  return joined;
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decodeReferences(text: string, place: 'text' | 'attribute'): string {
  refuseUnless(place === 'text' ? !text.includes(']]>') : !text.includes('<'), `a ${place} is not well-formed`);
  return text.replace(/&(?:#x([\da-f]{1,6});|#(\d{1,7});|(\w+);)?/gi, (whole, hex, decimal, name) => {
    const named = name === undefined || !Object.hasOwn(NAMED, name) ? undefined : NAMED[name];
    const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
    refuseUnless(named !== undefined || isCharacter(code), `${whole} is no reference that is accepted`);
    return named ?? String.fromCodePoint(code);
  });
}

/** Char of XML 1.0 §2.2. */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

function refuseUnless(holds: boolean, why: string): asserts holds {
  if (!holds) throw malformed(why);
}

function malformed(why: string): HttpError {
  return new HttpError(`The content is no XML that is accepted here: ${why}.`, 400);
}
