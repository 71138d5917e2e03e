import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { StepOutcome } from '@/lib/backends/backend';
import { evaluateAttempt } from '@/lib/engine/evaluate-attempt';
import { joinAllure } from '@/lib/engine/reports/collect-report';
import { settleTentative, summarize } from '@/lib/engine/reports/summarize';
import type { CoverageReport, Report, TestSummary } from '@/lib/model/report';
import { isTestReport, isTestSummary } from '@/lib/model/report-kind';
import { makeNode } from '../../support/plan';
import { read } from './read-report';

/** What tools wrote and printed about the same run; `tools/make.mjs` makes it anew. */
const folder = path.join(import.meta.dirname, 'fixtures');

const testCounts = z.object({ passed: z.int(), failed: z.int(), errored: z.int(), skipped: z.int() });
const pair = z.tuple([z.number(), z.number()]);
const coverageCounts = z.object({ lines: pair, branches: pair });
const percentage = z.object({ percent: z.number() });
const index = z
  .record(
    z.string(),
    z.object({
      version: z.string(),
      exit: z.int(),
      counts: z.union([testCounts.loose(), coverageCounts, percentage.loose()]),
      /** Where Gantry counts otherwise, and why. */
      differs: z.object({ counts: testCounts, why: z.string().endsWith('.') }).optional(),
    }),
  )
  .parse(JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8')));
type Made = (typeof index)[string];

const entries = Object.entries(index);
const tests = entries.filter(([, { counts }]) => 'passed' in counts);
const coverage = entries.filter(([, { counts }]) => !('passed' in counts));

function reportOf(name: string): Report {
  const file = path.join(folder, name);
  if (!statSync(file).isDirectory()) return read(readFileSync(file));
  const results = readdirSync(file).map((each) => read(readFileSync(path.join(file, each)), 'allure'));
  return joinAllure(results.filter(isTestReport));
}

function summaryOf(name: string, exit: number): TestSummary {
  const report = reportOf(name);
  if (!isTestReport(report)) throw new Error(`${name} is read as ${report.format}`);
  const summary = summarize(settleTentative(report, exit), { attempt: 1, artifactId: 'a', path: name });
  if (!isTestSummary(summary)) throw new Error(`${name} is no summary of tests`);
  return summary;
}

/** Tools differ in what they call an error, and in their words for what did not run. */
function comparable({
  passed,
  failed,
  errored,
  skipped,
  warned = 0,
}: z.infer<typeof testCounts> & { warned?: number }) {
  return { passed, failed: failed + errored, skipped: skipped + warned };
}

describe('the report of a tool', () => {
  it('is there for every tool that npm and Debian carry', () => {
    expect(tests.length).toBeGreaterThan(48);
    expect(coverage.length).toBeGreaterThan(12);
  });

  it.each(tests)(
    'gives the counts that the tool printed, or a written reason: %s',
    (name, { counts, differs, exit }) => {
      const printed = comparable(testCounts.parse(counts));
      const found = comparable(summaryOf(name, exit));
      expect(found).toEqual(differs ? comparable(differs.counts) : printed);
      if (differs) expect(found).not.toEqual(printed);
    },
  );

  it.each(tests)('gives the verdict of the exit code: %s', (name, { exit }: Made) => {
    const report = summaryOf(name, exit);
    const outcome: StepOutcome = {
      exitCode: exit,
      signal: null,
      oomKilled: false,
      ended: 'exited',
      reason: null,
      warnings: [],
    };
    const evidence = { stop: null, stopReason: null, wasReady: false, forbiddenLine: null, missingLogs: [] };
    const { status } = evaluateAttempt(makeNode({ id: 's' }), outcome, {
      ...evidence,
      reports: [report],
      exportProblems: [],
    });
    expect(status).toBe(exit === 0 ? 'passed' : 'failed');
    expect(report.damage).toBeNull();
  });

  it.each(coverage)('gives the coverage that the tool printed: %s', (name, { counts }) => {
    const report = reportOf(name);
    if (isTestReport(report)) throw new Error(`${name} is read as ${report.format}`);
    if ('percent' in counts) expect(percentOf(report)).toBeCloseTo(Number(counts.percent), 1);
    else {
      const { lines, branches } = coverageCounts.parse(counts);
      expect([report.linesCovered, report.linesTotal]).toEqual(lines);
      expect([report.branchesCovered, report.branchesTotal]).toEqual(branches);
    }
  });

  it('has flaky cases where a try failed before one that passed', () => {
    const flaky = (name: string) => summaryOf(name, 1).flaky;
    for (const name of ['gotestsum-reruns.xml', 'mocha-allure', 'mocha-ctrf.json', 'jest-ctrf.json'])
      expect(flaky(name)).toBe(1);
    for (const name of ['playwright.json', 'playwright-retries.xml']) expect(flaky(name)).toBe(2);
  });

  it('tells in its first failure what went wrong', () => {
    const first = (name: string) => summaryOf(name, 1).failures[0]?.message;
    expect(first('gotestsum.xml')).toBe('a_test.go:4: looking');
    expect(first('phpunit.xml')).toBe('not the same');
    expect(first('bats.xml')).toContain("]; }' failed");
    expect(first('ctest.xml')).toBe('what went wrong');
    expect(first('rspec.xml')).toMatch(/^expected: 2/);
    expect(first('pytest.xml')).toBe('SyntaxError: invalid syntax');
    expect(first('googletest.xml')).toBe('Expected equality of these values:');
    expect(first('mocha.tap')).toBe('Expected values to be strictly equal:');
  });

  it('says nothing of who made it', () => {
    const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(folder, name))
      .filter((file) => statSync(file).isFile())
      .map((file) => readFileSync(file, 'utf8'));
    expect(texts.filter((text) => /\/root\/|\/home\/|\/tmp\/|\/work\//.test(text))).toEqual([]);
  });
});

function percentOf({ linesCovered, linesTotal }: CoverageReport): number {
  return (linesCovered / linesTotal) * 100;
}
