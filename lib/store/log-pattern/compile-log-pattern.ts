import { RE2JS, RE2JSSyntaxException } from 're2js';
import { AppError } from '../../model/errors';

/** A larger one is slow on each character. Counts in braces repeat what they count. */
const maxPatternSteps = 1_000;
/** Steps of a pattern's program times characters: half a second at the worst, less than the turn of a search. */
const maxStepsPerLine = 20_000_000;

/**
 * Compiles a pattern in RE2 syntax, whose time is linear in a line, whatever the pattern. Letter case does not count
 * unless the pattern says `(?-i)`. The end of a line that is too long for its pattern is not looked at, and is no end for
 * the pattern. Throws an AppError `pattern_invalid` that names the place of the mistake, counted in characters from 1.
 * Compiling can take half a second, so it has its place in a thread.
 */
export function compileLogPattern(source: string): (text: string) => boolean {
  const counts = sumOfCounts(source);
  if (counts > maxPatternSteps) throw tooLarge(counts);
  const pattern = compile(source);
  const steps = pattern.programSize();
  if (steps > maxPatternSteps) throw tooLarge(steps);
  const maxLength = Math.floor(maxStepsPerLine / steps);
  return (text) => {
    if (text.length <= maxLength) return pattern.test(text);
    const start = text.slice(0, maxLength);
    if (!pattern.test(start)) return false;
    if (!looksAtEnds.test(source)) return true;
    const matcher = pattern.matcher(start);
    return matcher.find() && matcher.end() < maxLength;
  };
}

/** `$`, `\b`, `\B` and `\z` can match where a line is cut, and not there in the whole line. */
const looksAtEnds = /\$|\\[bBz]/;

/** No fewer than these are the steps, and compiling takes time for each of them. */
function sumOfCounts(source: string): number {
  let sum = 0;
  for (const [, least, most] of source.matchAll(/\\.|\{(\d+)(?:,(\d*))?\}/gs))
    sum += Math.max(Number(least ?? 0), Number(most ?? 0));
  return sum;
}

function tooLarge(steps: number): AppError {
  return invalid(
    `The pattern is too large: expected at most ${maxPatternSteps} steps, found ${steps}. Use smaller counts in braces.`,
  );
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    const place = placeOf(error.getPattern(), source);
    const at = Array.from(source.slice(0, place)).length + 1;
    const part = source.slice(place);
    const found = part === '' ? 'the end' : JSON.stringify(part.length > 20 ? `${part.slice(0, 20)}…` : part);
    throw invalid(`The pattern is not valid at character ${at}, ${found}: ${error.getDescription()}.`);
  }
}

function invalid(message: string): AppError {
  return new AppError('pattern_invalid', message, { issues: [{ path: 'pattern', message }] });
}

/** The index of the mistake. The library names the part that is wrong, and the whole where a parenthesis has no partner. */
function placeOf(part: string | null, source: string): number {
  if (part === null || part === '') return source.length;
  // The whole has the flags in front.
  if (part.length < source.length) return Math.max(0, source.indexOf(part));
  const open: number[] = [];
  let isInClass = false;
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at];
    if (character === '\\') at += 1;
    else if (isInClass) isInClass = character !== ']';
    else if (character === '[') isInClass = true;
    else if (character === '(') open.push(at);
    else if (character === ')' && open.pop() === undefined) return at;
  }
  return open.at(-1) ?? 0;
}
