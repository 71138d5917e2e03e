import type { OutputLine } from '../model/log-line';

const maxLength = 200;

/** Words with which programs say that they give up. */
const errorWords =
  /\b(error|errno|exception|fatal|panic(ked)?|failed|failure|fail|cannot|can't|could not|couldn't|unable to|denied|refused|unreachable|not found|no such|does not exist|unknown|invalid|missing|killed|segmentation fault|assert(ion)?\w*)\b|\b\w+(Error|Exception)\b|\bE[A-Z]{4,}\b/i;
/** Lines of a stack, marks below a line of code, and what package managers say of a script that they ran. */
const noise =
  /^\s*(at\s|File "|\^|~|\||#\d|goroutine \d|\.{3} \d+ more|Node\.js v\d|npm (ERR!|error)|error Command failed|exit status \d|make(\[\d+\])?: \*\*\*)|^[\s^~=*#-]*$/;
const terminalCodes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

/**
 * The line that tells most about a bad end: the last one that speaks of an error, else the last on stderr, else, where
 * any line tells something, the last one. Null when there is none. Without colours, and not longer than a sentence can
 * hold.
 */
export function tellingLine(
  lines: readonly Pick<OutputLine, 'stream' | 'text'>[],
  orLast: boolean,
): string | null {
  const own = lines
    .filter(({ stream }) => stream !== 'system')
    .map(({ stream, text }) => ({ stream, text: text.replace(terminalCodes, '').trim() }))
    .filter(({ text }) => text !== '');
  const plain = own.filter(({ text }) => !noise.test(text));
  const found =
    plain.findLast(({ text }) => errorWords.test(text)) ??
    plain.findLast(({ stream }) => stream === 'stderr') ??
    (orLast ? (plain.at(-1) ?? own.at(-1)) : undefined);
  return found ? shorten(found.text) : null;
}

function shorten(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
