import { z } from 'zod';
import { coverageFormats } from '../../../model/coverage-formats';
import { type ExportRule, exportFormats } from '../../../model/node';
import { testFormats } from '../../../model/report';
import { levels } from './level';
import { text, wholeNumber } from './text';

/** Matches paths that are not absolute and have neither `\` nor a `..` that leads out. */
const staysInside = /^(?!\/)(?!(?:[\s\S]*\/)?\.\.(?:\/|$))[^\\]*$/;

const glob = text('a path or glob below $GANTRY_ARTIFACTS')
  .regex(staysInside, 'expected a path that stays below $GANTRY_ARTIFACTS')
  .meta({
    description:
      'A glob below `$GANTRY_ARTIFACTS` (`*`, `**`, `?`, `[…]`, `{a,b}`). A folder means everything below it.',
    examples: ['reports/junit.xml', 'screenshots/**'],
  });

const percentage = z.number('expected a percentage from 0 to 100, such as 80 or 0.5').min(0).max(100);

export const coverageCheck = z
  .strictObject({
    min: percentage.optional().meta({
      description: 'The least coverage of lines, in percent.',
      examples: [80],
      whenAbsent: 'none',
    }),
    drop: percentage.optional().meta({
      description: 'By how many percentage points it may fall below the last run that passed.',
      examples: [0.5],
      whenAbsent: 'none',
    }),
  })
  .meta({
    description:
      'The least coverage of lines, and by how much it may fall. Beside a format of coverage, or `auto`.',
    examples: [{ min: 80, drop: 0.5 }],
  });

/** The formats that each check can be combined with: those that contain what it checks. */
const formatsOfChecks = {
  min_tests: { formats: ['auto', ...testFormats], what: 'of tests, such as junit' },
  coverage: { formats: ['auto', ...coverageFormats], what: 'of coverage, such as cobertura' },
} as const;
type Check = keyof typeof formatsOfChecks;
const checks = Object.keys(formatsOfChecks).filter((key): key is Check => key in formatsOfChecks);

export const longExport = z
  .strictObject({
    path: glob,
    format: z
      .enum(exportFormats)
      .default('file')
      .meta({
        description:
          'How the file is read: kept as it is (`file`), or parsed as a report. `auto` tells by its content.',
        examples: ['junit'],
        see: 'results.md',
      }),
    on: z
      .enum(['success', 'failure', 'always'])
      .default('always')
      .meta({
        description: 'How the step must have ended for the files to be kept.',
        examples: ['failure'],
      }),
    required: z
      .boolean()
      .optional()
      .meta({
        description: 'A step that would have passed fails without the file.',
        examples: [true],
        whenAbsent: '`true` for reports, else `false`',
      }),
    min_tests: wholeNumber('a number of tests', 1, 1_000_000)
      .optional()
      .meta({
        description:
          'The least number of tests that must have run, by the reports of this rule. Beside a format of tests, or `auto`.',
        examples: [20],
        whenAbsent: 'none',
      }),
    coverage: coverageCheck.optional().meta({ whenAbsent: 'none' }),
  })
  .superRefine((rule, { issues }) => {
    for (const key of checks) {
      const { formats, what } = formatsOfChecks[key];
      if (rule[key] === undefined || formats.some((format) => format === rule.format)) continue;
      issues.push({
        code: 'custom',
        input: rule,
        path: [key],
        message: `expected "${key}" beside a format ${what}`,
        params: { on: 'key', found: `it beside "format: ${rule.format}"` },
      });
    }
  })
  .meta({
    allOf: checks.map((key) => ({
      if: { not: { required: [key] } },
      else: { required: ['format'], properties: { format: { enum: formatsOfChecks[key].formats } } },
    })),
  })
  .register(levels, { level: 'export' });

/** Describes what to keep of the files that a step wrote: a glob, or a mapping with more about it. */
export const exportRule = z
  .union([
    glob.transform((path): ExportRule => ({ path, format: 'file', on: 'always', required: false })),
    longExport.transform(
      ({ min_tests, required, ...rule }): ExportRule => ({
        ...rule,
        required: required ?? rule.format !== 'file',
        ...(min_tests !== undefined && { minTests: min_tests }),
      }),
    ),
  ])
  .meta({
    id: 'export',
    description:
      'A glob below `$GANTRY_ARTIFACTS`, or `{ path, format, on, required, min_tests, coverage }`.',
    examples: ['screenshots/**', { path: 'reports/junit.xml', format: 'junit' }],
  });
