import { RE2JS } from 're2js';
import { messageOf } from '../model/errors';
import type { LogRule } from '../model/node';
import { describe, type Place } from './place';
import { fields, oneOf, type Reader, text } from './readers';

const plainText = text('text to look for');

const pattern: Reader<string> = (value, place) => {
  const source = text('a pattern')(value, place);
  return source !== null && compiles(source, place) ? source : null;
};

const long = fields({ text: plainText, pattern, stream: oneOf(['stdout', 'stderr', 'any']) });

/** `"text"`, `"/pattern/"` in RE2 syntax, or `{text | pattern, stream}`. */
export const logRule: Reader<LogRule> = (value, place) => {
  if (typeof value === 'string') {
    const source =
      value.length > 2 && value.startsWith('/') && value.endsWith('/') ? value.slice(1, -1) : null;
    if (source !== null) {
      return compiles(source, place) ? { text: null, pattern: source, stream: 'any' } : null;
    }
    const literal = plainText(value, place);
    return literal === null ? null : { text: literal, pattern: null, stream: 'any' };
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    place.complain(`expected text, "/pattern/" or {text | pattern, stream}, found ${describe(value)}`);
    return null;
  }
  const read = long(value, place);
  if (!read) return null;
  if (Object.hasOwn(value, 'text') === Object.hasOwn(value, 'pattern')) {
    const found = Object.hasOwn(value, 'text') ? 'both' : 'none';
    place.complain(`expected either "text" or "pattern", found ${found}`);
    return null;
  }
  return { text: read.text, pattern: read.pattern, stream: read.stream ?? 'any' };
};

function compiles(source: string, place: Place): boolean {
  try {
    RE2JS.compile(source);
    return true;
  } catch (error) {
    place.complain(`expected a pattern in RE2 syntax, found ${describe(source)}: ${messageOf(error)}`);
    return false;
  }
}
