import { SaxesParser } from 'saxes';
import { createCdataSplitter, emptyCdata } from './cdata-splitter';
import { pictureOf } from './clean-text';

export type Attributes = Readonly<Record<string, string>>;

/** The receiver of the content of an XML file, in order. Element names come without their namespace prefix. */
export interface XmlHandler {
  onOpen(name: string, attributes: Attributes): void;
  /** A text comes in pieces. */
  onText(text: string): void;
  onClose(name: string): void;
}

/**
 * Reads XML piece by piece, in bounded memory. Nothing is fetched, and no entity is expanded but the five of XML and
 * characters by number. It goes on after what is not well-formed as well as it can.
 */
export interface XmlReader {
  write(text: string): void;
  /**
   * Ends the file and answers the first thing that is wrong with it, or null. Elements that are still open then are
   * not closed for the handler.
   */
  end(): string | null;
}

const maxDepth = 200;
/** Reading stops after this many faults. */
const maxFaults = 1_000;
const sliceLength = 16 * 1024;

export function createXmlReader(handler: XmlHandler): XmlReader {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const open: string[] = [];
  let damage: string | null = null;
  let faults = 0;
  let linesInCdata = 0;
  let hasBegun = false;
  /** Everything since the last tag is text. */
  let isInText = false;
  /** The beginning of an entity, which must not be cut in two. */
  let held = '';

  const line = () => parser.line + linesInCdata;
  const fail = (sentence: string) => {
    faults += 1;
    damage ??= `line ${line()}: ${sentence}`;
  };
  const isTooDeep = () => open.length > maxDepth;

  parser.on('opentag', ({ name, attributes, isSelfClosing }) => {
    isInText = true;
    open.push(name);
    if (open.length === maxDepth + 1) fail(`elements are nested deeper than ${maxDepth}`);
    if (!isTooDeep()) handler.onOpen(localName(name), attributes);
    if (isSelfClosing) close();
  });
  parser.on('closetag', ({ isSelfClosing }) => {
    isInText = true;
    if (!isSelfClosing) close();
  });
  parser.on('text', onText);
  parser.on('error', ({ message }) => fail(shorten(message)));

  function close(): void {
    const name = open.pop();
    if (name !== undefined && open.length < maxDepth) handler.onClose(localName(name));
  }

  function onText(text: string): void {
    if (open.length > 0 && !isTooDeep()) handler.onText(text);
  }

  function parse(text: string): void {
    if (faults > maxFaults || text === '') return;
    const given = hasBegun ? text : text.trimStart();
    hasBegun ||= given !== '';
    for (let at = 0; at < given.length && faults <= maxFaults; at += sliceLength)
      parser.write(given.slice(at, at + sliceLength));
  }

  function onMarkup(text: string): void {
    const whole = held + text;
    held = /&[^;<\s]{0,12}$/.exec(whole)?.[0] ?? '';
    const safe = held ? whole.slice(0, -held.length) : whole;
    const readable = safe.includes('&') ? safe.replace(reference, readableReference) : safe;
    const lastTag = readable.lastIndexOf('<');
    if (lastTag >= 0) {
      parse(readable.slice(0, lastTag));
      isInText = false;
    }
    parse(readable.slice(Math.max(lastTag, 0)));
    // The parser holds a text until the next tag, unless a section comes between.
    if (isInText && open.length > 0) parse(emptyCdata);
  }

  const splitter = createCdataSplitter({
    onMarkup,
    onCdata(text) {
      onText(text);
      linesInCdata += countLines(text);
    },
    onUnclosed: () => fail('a CDATA section does not end'),
  });

  return {
    write: (text) => splitter.write(text),
    end() {
      splitter.end();
      if (held) parse(held.replace('&', '&amp;'));
      if (!hasBegun) fail('it is empty');
      const [last] = open.slice(-1);
      if (last !== undefined) fail(`it is cut off: the element ${shorten(last)} is not closed`);
      parser.close();
      return damage;
    },
  };
}

/** A reference that XML knows, or an ampersand that begins none. */
const reference = /&(#\d+;|#x[\da-fA-F]+;|(?:amp|lt|gt|quot|apos);)?/g;

function readableReference(whole: string, name: string | undefined): string {
  if (name === undefined) return '&amp;';
  if (!name.startsWith('#')) return whole;
  const digits = name.slice(1, -1);
  const code = digits.startsWith('x') ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10);
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || code === 0xfffe || code === 0xffff)
    return '\ufffd';
  return code < 0x20 && ![9, 10, 13].includes(code) ? pictureOf(String.fromCharCode(code)) : whole;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

function shorten(text: string): string {
  const plain = text.replace(/\.$/, '');
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
}
