import type { ReportFormat } from '../../model/report';

/** The beginning of a report that is enough to tell its format, in characters. */
export const headLength = 64 * 1024;

/** The format of a report that begins with this text; null when it begins like none that Gantry reads. */
export function detectFormat(head: string): ReportFormat | null {
  const text = head.replace(/^\ufeff/, '').trimStart();
  if (text.startsWith('<')) return xmlFormat(text);
  if (text.startsWith('{') || text.startsWith('[')) return jsonFormat(text);
  if (/^mode: (?:set|count|atomic)\r?\n/.test(text)) return 'go-cover';
  if (/^(?:TN:.*\r?\n\s*)?SF:/.test(text)) return 'lcov';
  if (/^(?:TAP version \d+|1\.\.\d+(?:\s|$)|(?:not )?ok(?: \d+\b| - ))/m.test(text.slice(0, 4_096)))
    return 'tap';
  // The go command prints lines of its own before the first event.
  const isGo = /^\{"(?:(?:Time|ImportPath)":.*"Action|Action)":"|^FAIL\t\S+ \[(?:setup|build) failed\]/m.test(
    text,
  );
  return isGo ? 'go-test' : null;
}

const roots: Record<string, ReportFormat> = {
  testsuites: 'junit',
  testsuite: 'junit',
  report: 'jacoco',
  TestRun: 'trx',
  assemblies: 'xunit',
  assembly: 'xunit',
  'test-run': 'nunit',
  'test-results': 'nunit',
};

function xmlFormat(text: string): ReportFormat | null {
  const bare = text.replace(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!DOCTYPE[^>[]*(?:\[[\s\S]*?\]\s*)?>/g, '');
  const [, name = '', attributes = ''] = /^\s*<(?:[\w.-]+:)?([\w.-]+)([^>]*)/.exec(bare) ?? [];
  if (name === 'coverage') {
    const isClover = /\s(?:clover|generated)=/.test(attributes) && !/\sline-rate=/.test(attributes);
    return isClover || /<coverage[^>]*>\s*<project[\s>]/.test(bare) ? 'clover' : 'cobertura';
  }
  if (name === 'report') return /<(?:sessioninfo|package|group|counter)[\s>]/.test(bare) ? 'jacoco' : null;
  return Object.hasOwn(roots, name) ? (roots[name] ?? null) : null;
}

/** Recognizes formats by keys that tools write before anything that a test wrote. */
function jsonFormat(text: string): ReportFormat | null {
  if (/^\{"(?:(?:Time|ImportPath)":.*"Action|Action)":"/.test(text)) return 'go-test';
  const has = (...keys: string[]) => keys.every((key) => new RegExp(`"${key}"\\s*:`).test(text));
  if (/^\{\s*"(?:reportFormat"\s*:\s*"CTRF"|results"\s*:\s*\{\s*"tool")/.test(text)) return 'ctrf';
  if (/^\{\s*"config"\s*:\s*\{/.test(text)) return has('rootDir') || has('configFile') ? 'playwright' : null;
  if (/^\{\s*"(?:meta"\s*:\s*\{\s*"simplecov_version|[^"]*"\s*:\s*\{\s*"coverage"\s*:\s*\{)/.test(text))
    return 'simplecov';
  if (text.startsWith('[')) return /^\[\s*\]/.test(text) || has('keyword', 'elements') ? 'cucumber' : null;
  return has('uuid', 'status') && (has('historyId') || has('stage') || has('testCaseId')) ? 'allure' : null;
}
