import { expect, it } from 'vitest';
import { maskReport } from '@/lib/engine/mask-report';
import { BoundedText } from '@/lib/engine/reports/cases/bounded-text';
import { createMasker } from '@/lib/model/masker';
import type { TestReport } from '@/lib/model/report';

const secret = 'hunter22-and-more';

const report = (text: string, output = text): TestReport => ({
  format: 'junit',
  cases: [
    {
      ...{ file: text, path: [text], className: text, name: text, parameters: { [text]: text }, type: text },
      ...{ status: 'failed', durationMs: 1, message: text, output: 0 },
      attempts: [{ status: 'failed', durationMs: 1, message: text, output: 0 }],
    },
  ],
  outputs: [output],
  damage: null,
});

it('every text of a report is masked', () => {
  expect(maskReport(report(secret), createMasker([secret]))).toEqual(report('***'));
});

it('a secret is masked where an output is cut in the middle of it', () => {
  const text = new BoundedText(100);
  text.add(`before the cut ${secret}`);
  text.add(`${'x'.repeat(500)}\n${secret} and more ${'y'.repeat(70)}\nafter\n`);
  const output = text.toString();
  expect(output).toMatch(/^before the cut hunter22-a\n… \d+ characters are left out here …\nafter\n$/);
  const masked = maskReport(report('x', output), createMasker([secret]));
  expect(masked).toMatchObject({ outputs: [expect.stringMatching(/^before the cut \*\*\*\n… /)] });
});
