import { describe, expect, it } from 'vitest';
import { elementsOf, parseXml, writeFragment, type XmlElement } from '../../samples/webdav/xml.js';
import { escapeAttribute, escapeText } from '../../samples/webdav/xml-text.js';
import { HttpError } from '../../src/index.js';
import { fc } from '../support/properties.js';

/** What two elements have to have in common to mean the same, prefixes included. */
function meaning({ namespace, name, qualifiedName, attributes, children, language }: XmlElement): unknown {
  const inner = children.map((child) => (typeof child === 'string' ? child : meaning(child)));
  return {
    namespace,
    name,
    qualifiedName,
    attributes: attributes.filter(([each]) => each !== 'xml:lang'),
    language,
    inner,
  };
}

function statusOf(text: string): number | undefined {
  try {
    parseXml(text);
    return undefined;
  } catch (error) {
    return error instanceof HttpError ? error.status : -1;
  }
}

describe('parseXml', () => {
  it.each([
    ['a default namespace', '<a xmlns="u"><b/></a>', 'u', 'u'],
    ['one that ends', '<a xmlns="u"><b xmlns=""/></a>', 'u', ''],
    ['a prefix', '<p:a xmlns:p="u"><b/></p:a>', 'u', ''],
    ['a prefix that changes its meaning', '<p:a xmlns:p="u"><p:b xmlns:p="v"/></p:a>', 'u', 'v'],
    ['a prefix declared behind its use', '<p:a x="1" xmlns:p="u"><p:b/></p:a>', 'u', 'u'],
    ['a namespace with escapes', '<a xmlns="u&amp;&#x76;"><b/></a>', 'u&v', 'u&v'],
    ['none', '<a><b/></a>', '', ''],
  ])('resolves %s', (_title, text, outer, inner) => {
    const root = parseXml(text);
    expect([root.namespace, elementsOf(root)[0]?.namespace]).toEqual([outer, inner]);
  });

  it('reads text: references, sections, what stands between comments', () => {
    const text =
      '<?xml version="1.0"?>\n<a>1&lt;2 &#38;&#x26; <![CDATA[<&amp;>]]><!-- no -->\u00e9&#x1F600;<?no pi?>.</a>\n';
    expect(parseXml(text).children).toEqual(['1<2 && <&amp;>\u00e9\u{1f600}.']);
  });

  it('reads names that JavaScript has a meaning for, or refuses them', () => {
    for (const name of ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'length']) {
      expect([undefined, 400]).toContain(statusOf(`<a><${name}>x</${name}></a>`));
      expect([undefined, 400]).toContain(statusOf(`<a ${name}="x"/>`));
    }
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['no element', 'text'],
    ['two roots', '<a/><b/>'],
    ['text behind the root', '<a/>text'],
    ['an element that is not closed', '<a><b></a>'],
    ['a document type', '<!DOCTYPE a><a/>'],
    ['a document type in another case', '<!doctype a><a/>'],
    ['an entity of its own', '<!DOCTYPE a [<!ENTITY e "e">]><a>&e;</a>'],
    ['an entity that nobody declared', '<a>&e;</a>'],
    ['an entity of HTML', '<a>&nbsp;</a>'],
    ['an ampersand alone', '<a>a & b</a>'],
    ['a reference to NUL', '<a>&#0;</a>'],
    ['a reference to a surrogate', '<a>&#xD800;</a>'],
    ['a reference beyond Unicode', '<a>&#x110000;</a>'],
    ['a control character', '<a>\u0001</a>'],
    ['U+FFFE', '<a>\ufffe</a>'],
    ['the end of a section in text', '<a>]]></a>'],
    ['a less-than in an attribute', '<a x="<"/>'],
    ['an attribute twice', '<a x="1" x="2"/>'],
    ['an attribute without quotes', '<a x=1/>'],
    ['a prefix that is not declared', '<p:a/>'],
    ['a prefix of an attribute that is not declared', '<a p:x="1"/>'],
    ['a prefix for no namespace', '<p:a xmlns:p=""/>'],
    ['a name with two colons', '<p:a:b xmlns:p="u"/>'],
    ['a name that ends in a colon', '<p: xmlns:p="u"/>'],
    ['the prefix xml for another namespace', '<a xmlns:xml="u"/>'],
    ['the prefix xmlns', '<a xmlns:xmlns="u"/>'],
    ['elements too deep', `${'<a>'.repeat(40)}${'</a>'.repeat(40)}`],
    ['too many namespaces', `<a ${Array.from({ length: 80 }, (_none, i) => `xmlns:n${i}="u"`).join(' ')}/>`],
  ])('answers 400 to %s', (_title, text) => {
    expect(statusOf(text)).toBe(400);
  });

  it('gives a document or 400, whatever it is given', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '/',
        '<a',
        '</a>',
        '<a>',
        'xmlns:p="u"',
        '<p:b/>',
        '&',
        '&lt;',
        '<![CDATA[',
        ']]>',
        '<!--',
        '-->',
        '<?',
        '?>',
        '"',
        '=',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect([undefined, 400]).toContain(statusOf(pieces.join('')));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('writeFragment', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const text = fc.string({
    unit: fc.constantFrom('x', ' ', '\n', '\t', '\r', '<', '>', '&', '"', "'", '\u00e9', '\u{1f600}', ']]>'),
  });
  const namespace = fc.constantFrom(
    '',
    ' xmlns="u"',
    ' xmlns=""',
    ' xmlns:p="v"',
    ' xmlns:p="w" xmlns="u&quot;"',
    ' xml:lang="de"',
  );
  const prefix = fc.constantFrom('', '', 'p:');
  const { element } = fc.letrec<{ element: string; child: string }>((tie) => ({
    element: fc
      .tuple(prefix, name, namespace, text, fc.array(tie('child'), { maxLength: 3 }))
      .map(
        ([p, n, ns, value, children]) => `<${p}${n}${ns} t="${escapeAttribute(value)}">${children.join('')}</${p}${n}>`,
      ),
    child: fc.oneof({ maxDepth: 3 }, text.map(escapeText), tie('element')),
  }));

  it('writes what means the same anywhere else', () => {
    fc.assert(
      fc.property(element, (inner) => {
        const [child] = elementsOf(parseXml(`<root xmlns="default" xmlns:p="prefixed" xml:lang="en">${inner}</root>`));
        const moved = parseXml(`<D:other xmlns:D="DAV:">${writeFragment(child as XmlElement)}</D:other>`);
        expect(meaning(elementsOf(moved)[0] as XmlElement)).toEqual(meaning(child as XmlElement));
      }),
      { numRuns: 500 },
    );
  });
});

describe('escapeText', () => {
  it('puts U+FFFD where XML has no spelling', () => {
    expect(escapeText('a\0b\u0008c\ufffed\ud800e\u{1f600}')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde\u{1f600}');
  });
});
