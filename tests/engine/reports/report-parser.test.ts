import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '@/lib/clock';
import { createReportParser } from '@/lib/engine/reports/report-parser';
import { createFakeClock } from '../../support/fake-clock';
import { parse } from './read-report';

async function* pieces(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

it('a report is parsed in a thread as it is here, several at a time', async () => {
  const reports = createReportParser({ clock: systemClock });
  onTestFinished(() => reports.close());
  const good = '<testsuite><testcase name="a"/></testsuite>';
  const [first, second, third] = await Promise.all([
    reports.parse('junit', pieces(good)),
    reports.parse('auto', pieces('SF:a\nDA:1,1\n', 'end_of_', 'record\n')),
    reports.parse('junit', pieces()),
  ]);
  expect(first).toEqual(parse(good, 'junit'));
  expect(second).toMatchObject({ report: { format: 'lcov', linesCovered: 1 } });
  expect(third).toEqual({ problem: 'it is empty' });
});

it('a large report leaves the event loop free while it is parsed', async () => {
  const reports = createReportParser({ clock: systemClock });
  onTestFinished(() => reports.close());
  const cases = '<testcase classname="shop.Cart" name="adds an item" time="0.01"/>'.repeat(10_000);
  let turns = 0;
  const count = setInterval(() => {
    turns += 1;
  }, 5);
  const parsed = await reports.parse(
    'junit',
    pieces('<testsuite>', cases, cases, cases, cases, '</testsuite>'),
  );
  clearInterval(count);
  if ('problem' in parsed || !('cases' in parsed.report)) throw new Error('expected a report of tests');
  expect(parsed.report.cases).toHaveLength(40_000);
  expect(turns).toBeGreaterThan(3);
});

it('a report whose thread does not start is a problem of that report alone', async () => {
  const clock = createFakeClock();
  const reports = createReportParser({ clock });
  onTestFinished(() => reports.close());
  const first = reports.parse('junit', pieces('<testsuite/>'));
  await clock.whenSleeping(60_000);
  await clock.advance(60_000);
  expect(await first).toEqual({ problem: 'the parsing thread did not start within 60 s' });
  expect(await reports.parse('junit', pieces('<testsuite/>'))).toHaveProperty('report');
});

it('a content that cannot be read is no problem of the report', async () => {
  const reports = createReportParser({ clock: systemClock });
  onTestFinished(() => reports.close());
  async function* broken(): AsyncIterable<Uint8Array> {
    yield Buffer.from('<testsuite>');
    throw new Error('the connection is gone');
  }
  await expect(reports.parse('junit', broken())).rejects.toThrow('the connection is gone');
});
