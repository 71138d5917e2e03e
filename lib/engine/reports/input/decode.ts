import { StringDecoder } from 'node:string_decoder';
import { cleanText } from './clean-text';

/** Turns the bytes of a report into text, piece by piece. */
export interface TextDecoding {
  write(bytes: Uint8Array): string;
  end(): string;
}

/**
 * Takes the encoding from the byte order mark, else from the XML declaration, else UTF-8. Bytes that the encoding does
 * not have become U+FFFD, and characters that XML and PostgreSQL forbid become their pictures.
 */
export function createTextDecoding(): TextDecoding {
  let head: Uint8Array = new Uint8Array(0);
  let decoder: PieceDecoder | null = null;
  /** Half of a surrogate pair must not be taken for a character of its own. */
  let held = '';

  const decode = (bytes: Uint8Array, isEnd: boolean): string => {
    decoder ??= createDecoder(encodingOf(bytes));
    const text = held + decoder(bytes, isEnd);
    held = !isEnd && /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
    return cleanText(held ? text.slice(0, -1) : text);
  };

  return {
    write(bytes) {
      if (decoder) return decode(bytes, false);
      head = concat(head, bytes);
      if (head.length < headBytes) return '';
      const given = head;
      head = new Uint8Array(0);
      return decode(given, false);
    },
    end: () => decode(head, true),
  };
}

type PieceDecoder = (bytes: Uint8Array, isEnd: boolean) => string;

function createDecoder(encoding: string): PieceDecoder {
  if (!/^utf-?8$/i.test(encoding)) {
    const decoder = new TextDecoder(encoding);
    return (bytes, isEnd) => decoder.decode(bytes, { stream: !isEnd });
  }
  // Several times as fast as a TextDecoder that is given pieces.
  const decoder = new StringDecoder('utf8');
  let isFirst = true;
  return (bytes, isEnd) => {
    const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const text = isEnd ? decoder.end(given) : decoder.write(given);
    const hasMark = isFirst && text.startsWith('\ufeff');
    isFirst &&= text === '';
    return hasMark ? text.slice(1) : text;
  };
}

/** An XML declaration is at the start of its file and much shorter. */
const headBytes = 1024;

function encodingOf(bytes: Uint8Array): string {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0x3c && b === 0 && c === 0x3f && d === 0) return 'utf-16le';
  if (a === 0 && b === 0x3c && c === 0 && d === 0x3f) return 'utf-16be';
  const head = Buffer.from(bytes.subarray(0, headBytes)).toString('latin1');
  const [, name] = /^(?:ï»¿)?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head) ?? [];
  // A declaration that can be read byte by byte is not in UTF-16, whatever it says.
  if (!name || /^utf-?16/i.test(name)) return 'utf-8';
  return isKnown(name) ? name : 'utf-8';
}

function isKnown(encoding: string): boolean {
  try {
    return Boolean(new TextDecoder(encoding));
  } catch {
    return false;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
