import { XMLParser, XMLValidator } from 'fast-xml-parser';

export type Element = Record<string, unknown>;

/**
 * Attributes are `@name`, text is `#text`. Entities are those of XML and HTML only, tags nest at most 200 deep, nothing
 * is fetched. Throws an Error with the line.
 */
export function parseXml(xml: string): Element {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) throw new Error(`line ${valid.err.line}: ${plainWords(valid.err.msg)}`);
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseAttributeValue: false,
    parseTagValue: false,
    trimValues: false,
    // Also `&#10;`, which is how a message with several lines is written.
    htmlEntities: true,
    processEntities: {
      enabled: true,
      maxTotalExpansions: 1_000_000,
      maxExpandedLength: 50_000_000,
      maxEntityCount: 0,
    },
    maxNestedTags: 200,
  }).parse(xml);
}

/** The validator tells the names of open tags as JSON. */
function plainWords(message: string): string {
  const last = /^Invalid '\[.*"([^"]*)"\s*\]' found\.$/s.exec(message)?.[1];
  const words = last ? `the element ${last} is not closed` : message;
  return words.length > 300 ? `${words.slice(0, 300)}…` : words;
}

export function elements(value: unknown): Element[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(elements);
  return typeof value === 'object' ? [value as Element] : [{ '#text': String(value) }];
}

export function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(text).join('\n');
  return typeof value === 'object' ? text((value as Element)['#text']) : String(value);
}
