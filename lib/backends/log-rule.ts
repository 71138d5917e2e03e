import { stripVTControlCharacters } from 'node:util';
import { RE2JS } from 're2js';
import type { LogStream } from '../model/log-line';
import type { LogRule } from '../model/node';

export type LineTest = (line: { stream: LogStream; text: string }) => boolean;

/** Steps of a pattern's program times characters: about 0.1 s at the worst, which nothing else of this thread can use. */
const maxStepsPerLine = 4_000_000;

/**
 * Looks at what a person reads in the line, without colours. Patterns are RE2: linear in the line, whatever the pattern.
 * The end of a line that is too long for its pattern is not looked at. Throws when the pattern is not valid.
 */
export function compileLogRule(rule: LogRule): LineTest {
  const matches = textTest(rule);
  return ({ stream, text }) =>
    stream !== 'system' && (rule.stream === 'any' || rule.stream === stream) && matches(plain(text));
}

/** The rule as people wrote it. */
export function describeLogRule(rule: LogRule): string {
  const where = rule.stream === 'any' ? '' : ` on ${rule.stream}`;
  return `${rule.pattern === null ? JSON.stringify(rule.text) : `/${rule.pattern}/`}${where}`;
}

function plain(text: string): string {
  return text.includes('\u001b') || text.includes('\u009b') ? stripVTControlCharacters(text) : text;
}

function textTest(rule: LogRule): (text: string) => boolean {
  if (rule.pattern !== null) {
    const pattern = RE2JS.compile(rule.pattern);
    const maxLength = Math.floor(maxStepsPerLine / pattern.programSize());
    return (text) => pattern.test(text.length > maxLength ? text.slice(0, maxLength) : text);
  }
  const wanted = rule.text ?? '';
  return (text) => text.includes(wanted);
}
