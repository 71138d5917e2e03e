import { describe } from './place';
import { list, type Reader } from './readers';
import { PlainScalar } from './yaml-schema';

const argument: Reader<string> = (value, place) => {
  const source = value instanceof PlainScalar ? value.source : value;
  if (typeof source === 'string' && !source.includes('\0') && source.length <= 100_000) return source;
  place.complain(`expected text, found ${describe(value)}`);
  return null;
};

/** A text runs in `sh -c`, a list is the argv itself. */
export const argv: Reader<string[]> = (value, place) => {
  if (typeof value !== 'string' && !Array.isArray(value)) {
    place.complain(`expected a command (text or a list), found ${describe(value)}`);
    return null;
  }
  if (typeof value === 'string') {
    const script = argument(value, place);
    if (script?.trim() === '') place.complain('expected a command, found an empty text');
    return script === null ? null : ['sh', '-c', script];
  }
  const command = list(argument)(value, place);
  if (command?.[0] === '' || value.length === 0) {
    place.complain('expected a command, found a list without a program');
  }
  return command;
};
