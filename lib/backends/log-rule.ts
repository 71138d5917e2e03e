import { RE2JS } from 're2js';
import type { LogStream } from '../model/log-line';
import type { LogRule } from '../model/node';

export type LineTest = (line: { stream: LogStream; text: string }) => boolean;

/** Patterns are RE2: linear in the line, whatever the pattern. Throws when the pattern is not valid. */
export function compileLogRule(rule: LogRule): LineTest {
  const matches = textTest(rule);
  return ({ stream, text }) =>
    stream !== 'system' && (rule.stream === 'any' || rule.stream === stream) && matches(text);
}

/** The rule as people wrote it. */
export function describeLogRule(rule: LogRule): string {
  const where = rule.stream === 'any' ? '' : ` on ${rule.stream}`;
  return `${rule.pattern === null ? JSON.stringify(rule.text) : `/${rule.pattern}/`}${where}`;
}

function textTest(rule: LogRule): (text: string) => boolean {
  if (rule.pattern !== null) {
    const pattern = RE2JS.compile(rule.pattern);
    return (text) => pattern.test(text);
  }
  const wanted = rule.text ?? '';
  return (text) => text.includes(wanted);
}
