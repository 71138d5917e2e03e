import { z } from 'zod';
import { compileAll } from './compile-all';
import { exportRule } from './export';
import { oneOrMore } from './lists';
import { logRule } from './log-rule';
import { duration } from './quantities';
import { retries } from './retries';
import { wholeNumber } from './text';

const logRules = oneOrMore(logRule, { max: 100 });

/** How long it may take and what counts as success: keys of every step but nested suites. */
export const outcomeKeys = compileAll({
  always: z
    .boolean()
    .optional()
    .meta({
      description:
        'The step runs whether its `after` steps have passed or not, and also after a cancel or a time-out of the execution.',
      examples: [true],
      whenAbsent: '`false`',
      see: 'Order',
    }),
  timeout: duration()
    .optional()
    .meta({
      description: 'Limit of one attempt, measured from when its program starts. Not for services and mocks.',
      examples: ['5m'],
      whenAbsent: '`defaults.timeout`, else `10m`',
      see: 'Quantities',
    }),
  grace: duration(0)
    .optional()
    .meta({
      description: 'The time between SIGTERM and SIGKILL when the step is stopped.',
      examples: ['30s'],
      whenAbsent: '`10s`',
      see: 'Quantities',
    }),
  retries: retries.optional().meta({ whenAbsent: '`defaults.retries`, else none' }),
  continue_on_failure: z
    .boolean()
    .optional()
    .meta({
      description: 'Dependents still run if this step fails. The execution still counts as failed.',
      examples: [true],
      whenAbsent: '`false`',
    }),
  expect_exit: oneOrMore(wholeNumber('an exit code', 0, 255), { min: 1 })
    .optional()
    .meta({
      description: 'Exit codes that count as success. Not for services and mocks.',
      examples: [1, [0, 3]],
      whenAbsent: '`0`',
    }),
  expect_logs: logRules.optional().meta({
    description: 'Each of these log rules must match a line of output, or the step fails.',
    examples: ['migrations are complete'],
    see: 'Log rules',
  }),
  fail_on_logs: logRules.optional().meta({
    description: 'The step fails when a line of output matches one of these log rules.',
    examples: ['/^FATAL: /'],
    see: 'Log rules',
  }),
  export: oneOrMore(exportRule, { max: 100 })
    .optional()
    .meta({
      description: 'Files below `$GANTRY_ARTIFACTS` to keep as artifacts or to read as reports.',
      examples: [{ path: 'reports/junit.xml', format: 'junit' }],
      see: 'Exports',
    }),
});
