import { XMLParser } from 'fast-xml-parser';

/** An element as it stands in its file, in order. Attributes and texts are XML: escaped, and with nothing it forbids. */
export interface XmlElement {
  name: string;
  attributes: Map<string, string>;
  children: (XmlElement | string)[];
}

/**
 * The elements of a file that `parseXml` takes. Entities stay as they are written, so that what was masked in the file
 * stays masked. Comments, processing instructions and prefixes of namespaces are left out.
 */
export function readTree(xml: string): XmlElement[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseAttributeValue: false,
    parseTagValue: false,
    trimValues: false,
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    removeNSPrefix: true,
    cdataPropName: '#cdata',
    maxNestedTags: 200,
  });
  return toChildren(parser.parse(xml)).filter((child) => typeof child !== 'string');
}

export function writeTree({ name, attributes, children }: XmlElement): string {
  const head = [name, ...[...attributes].map(([key, value]) => `${key}="${value}"`)].join(' ');
  if (children.length === 0) return `<${head}/>`;
  const inner = children.map((child) => (typeof child === 'string' ? child : writeTree(child)));
  return `<${head}>${inner.join('')}</${name}>`;
}

/** With attributes and texts as they are meant. */
export function element(
  name: string,
  attributes: Record<string, string | number | null>,
  children: (XmlElement | string)[] = [],
): XmlElement {
  const given = Object.entries(attributes).filter(([, value]) => value !== null);
  return {
    name,
    attributes: new Map(given.map(([key, value]) => [key, toXml(String(value)).replaceAll('\n', '&#10;')])),
    children,
  };
}

/** Any text as XML. */
export function toXml(text: string): string {
  return tidy(text.replaceAll('&', '&amp;'));
}

/** The text that a piece of XML stands for. */
export function fromXml(xml: string): string {
  return xml.replace(
    reference,
    (whole, digits?: string, hex?: string, name?: string) =>
      charOf(digits, hex) ?? entities[name ?? ''] ?? whole,
  );
}

type Parsed = Record<string, unknown>;

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const reference = /&(?:#(\d+)|#x([0-9a-f]+)|(amp|lt|gt|quot|apos));/gi;
const looseAmpersand = /&(?!(?:#\d+|#x[0-9a-f]+|amp|lt|gt|quot|apos);)/g;
/** What XML 1.0 has no character for, section 2.2. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const plainName = /^[\p{L}_][\p{L}\p{N}_.-]*$/u;

/** The parser's own form: `{name: children, ':@': {'@name': value}}`, `{'#text': …}`. */
function toChildren(parsed: unknown): (XmlElement | string)[] {
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((each: Parsed): (XmlElement | string)[] => {
    const name = Object.keys(each).find((key) => key !== ':@');
    if (name === '#text') return [tidy(String(each[name]).replace(looseAmpersand, '&amp;'))];
    if (name === '#cdata') return textsOf(each[name]).map(toXml);
    if (!name || !plainName.test(name)) return [];
    const children = toChildren(each[name]);
    const isText = children.every((child) => typeof child === 'string');
    return [
      {
        name,
        attributes: attributesOf(each[':@']),
        children: isText ? children : children.filter((child) => typeof child !== 'string' || child.trim()),
      },
    ];
  });
}

function textsOf(parsed: unknown): string[] {
  return Array.isArray(parsed) ? parsed.map((each: Parsed) => String(each['#text'] ?? '')) : [];
}

function attributesOf(parsed: unknown): Map<string, string> {
  const attributes = Object.entries(parsed ?? {}).map(
    ([key, value]) => [key.slice(1), String(value)] as const,
  );
  return new Map(
    attributes
      .filter(([name]) => plainName.test(name) && name !== 'xmlns')
      .map(([name, value]) => [name, tidy(value.replace(looseAmpersand, '&amp;'))]),
  );
}

/** Control characters are shown as the pictures that Unicode has of them. */
function tidy(xml: string): string {
  return xml
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(reference, (whole, digits?: string, hex?: string) => {
      const char = charOf(digits, hex);
      return char !== null && char.search(forbidden) >= 0 ? picture(char) : whole;
    })
    .replace(forbidden, picture);
}

function picture(char: string): string {
  const code = char.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
}

/** Null when it is no character reference. One past Unicode's end is a forbidden character. */
function charOf(digits?: string, hex?: string): string | null {
  if (!digits && !hex) return null;
  const code = digits ? Number.parseInt(digits, 10) : Number.parseInt(hex ?? '', 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\uffff';
}
