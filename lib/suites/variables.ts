import { describe } from './place';
import { mapping, type Reader } from './readers';
import { PlainScalar } from './yaml-schema';

type Variables = Record<string, string>;
const maxValueLength = 32_768;

/** Names of letters, digits and `_`; values are text, or a number, true or false taken as written. */
export const env = variables(variableComplaint, {
  expected: 'text, a number, true or false',
  isValue: (value) => !value.includes('\0'),
});

/** Names are those of HTTP; values are one line. */
export const headers = variables(
  (name) =>
    /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}$/.test(name) && name !== '__proto__'
      ? null
      : 'expected the name of an HTTP header',
  { expected: 'one line of text, a number, true or false', isValue: (value) => !/[\0\r\n]/.test(value) },
);

/** Why this cannot be the name of a variable that a suite sets; null when it can. */
export function variableComplaint(name: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(name) || name === '__proto__') {
    return 'expected the name of a variable (letters, digits and "_", no digit first)';
  }
  return name.startsWith('GANTRY_') ? 'names that begin with GANTRY_ are kept for Gantry itself' : null;
}

function variables(
  readName: (name: string) => string | null,
  { expected, isValue }: { expected: string; isValue: (value: string) => boolean },
): Reader<Variables> {
  const readValue: Reader<string> = (value, place) => {
    const source = value instanceof PlainScalar ? value.source : value;
    if (typeof source === 'string' && source.length <= maxValueLength && isValue(source)) return source;
    const found =
      typeof source === 'string' && source.length > maxValueLength
        ? `${source.length} characters; the limit is ${maxValueLength}`
        : describe(value);
    place.complain(`expected ${expected}, found ${found}`);
    return null;
  };
  const read = mapping(readName, readValue);
  return (value, place) => {
    const map = read(value, place);
    return map && Object.fromEntries(map);
  };
}
