import { afterEach, describe, expect, it } from 'vitest';
import type { ExportRule, PlannedNode } from '@/lib/model/node';
import { makePlan } from '../support/plan';
import { openWorld, type World } from './world';

let world: World | null = null;

afterEach(async () => {
  await world?.close();
  world = null;
});

const exported = (
  path: string,
  format: ExportRule['format'],
  more: Partial<ExportRule> = {},
): ExportRule => ({
  ...{ path, format, on: 'always', required: true },
  ...more,
});

/** Runs a test that leaves these files and ends with this code, one run after the other. */
async function run(node: Partial<PlannedNode>, ...ends: { exit?: number; files: Record<string, string> }[]) {
  let current = 0;
  world = await openWorld({
    script: () => ({ artifacts: ends[current]?.files ?? {}, exitCode: ends[current]?.exit ?? 0 }),
  });
  world.startEngine();
  const steps = [];
  for (current = 0; current < ends.length; current++) {
    const execution = await world.run(makePlan({ nodes: [{ id: 'unit', kind: 'test', ...node }] }));
    const [step] = execution.steps;
    steps.push({
      status: step?.status,
      reason: step?.result?.reason,
      warnings: step?.attempts[0]?.warnings,
      reports: step?.reports,
    });
  }
  return steps;
}

const risky =
  '<testsuite errors="1"><testcase name="a"><error type="PHPUnit\\Framework\\RiskyTestError">nothing asserted</error></testcase></testsuite>';

describe('a step with a report', () => {
  it('passes with a warning on a case that its tool does not fail because of', async () => {
    const [passed, failed] = await run(
      { exports: [exported('j.xml', 'junit')] },
      { files: { 'j.xml': risky } },
      { files: { 'j.xml': risky }, exit: 1 },
    );
    expect(passed).toMatchObject({ status: 'passed', reports: [{ warned: 1, errored: 0 }] });
    expect(failed).toMatchObject({
      status: 'failed',
      reason: '1 of 1 cases failed. First: a: nothing asserted',
      reports: [{ warned: 0, errored: 1 }],
    });
  });

  it('fails when the report is cut off, and has the cases that could be read', async () => {
    const [step] = await run(
      { exports: [exported('j.xml', 'junit')] },
      { files: { 'j.xml': '<testsuite><testcase name="a"/>' } },
    );
    expect(step).toMatchObject({
      status: 'failed',
      reason:
        'exit code 0, but the JUnit report j.xml is damaged: line 1: it is cut off: the element testsuite is not closed (1 case could be read)',
      reports: [{ total: 1 }],
    });
  });

  it('has a warning when nothing ran, and fails when a number of tests was asked for', async () => {
    const files = { 'j.xml': '<testsuites tests="0"/>' };
    const [warned] = await run({ exports: [exported('j.xml', 'auto')] }, { files });
    expect(warned).toMatchObject({
      status: 'passed',
      warnings: ['nothing ran: the report j.xml has no cases'],
    });
    await world?.close();
    const [failed] = await run({ exports: [exported('j.xml', 'auto', { minTests: 1 })] }, { files });
    expect(failed).toMatchObject({
      status: 'failed',
      reason: 'exit code 0, but no test ran according to j.xml, and min_tests is 1',
    });
  });

  it('fails when its coverage falls below that of the last run that passed', async () => {
    const lcov = (covered: number) => ({
      'a.info': `SF:a.js\n${Array.from({ length: 10 }, (_, n) => `DA:${n},${n < covered ? 1 : 0}\n`).join('')}end_of_record\n`,
    });
    const exports = [exported('a.info', 'auto', { coverage: { drop: 5 } })];
    const steps = await run({ exports }, { files: lcov(9) }, { files: lcov(8) }, { files: lcov(9) });
    expect(steps.map(({ status }) => status)).toEqual(['passed', 'failed', 'passed']);
    expect(steps[1]?.reason).toBe(
      'exit code 0, but the coverage of lines in a.info fell from 90.0 % in the last run that passed to 80.0 %, and coverage.drop is 5',
    );
  });

  it('has a hint at a report that no export names', async () => {
    const files = { 'out/log.txt': 'x', 'target/TEST-a.xml': '<testsuite name="s"/>', 'lcov.info': 'SF:a\n' };
    const [step] = await run({ exports: [exported('out', 'file', { required: false })] }, { files });
    expect(step?.status).toBe('passed');
    expect(step?.warnings).toEqual([
      expect.stringContaining('{ path: lcov.info, format: lcov }'),
      expect.stringContaining('{ path: target/TEST-a.xml, format: junit }'),
    ]);
  });
});
