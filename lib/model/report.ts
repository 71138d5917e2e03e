import { z } from 'zod';

export const testCase = z.object({
  suite: z.string(),
  name: z.string(),
  status: z.enum(['passed', 'failed', 'errored', 'skipped']),
  durationMs: z.number().nullable(),
  message: z.string().nullable(),
  output: z.string().nullable(),
});
export type TestCase = z.infer<typeof testCase>;

/** A parsed JUnit file. */
export const testReport = z.object({ format: z.literal('junit'), cases: z.array(testCase) });
export type TestReport = z.infer<typeof testReport>;

/** A parsed Cobertura file. Rates are covered / total; null when the file has no such measure. */
export const coverageReport = z.object({
  format: z.literal('cobertura'),
  linesCovered: z.int(),
  linesTotal: z.int(),
  branchesCovered: z.int(),
  branchesTotal: z.int(),
  files: z.array(z.object({ path: z.string(), linesCovered: z.int(), linesTotal: z.int() })),
});
export type CoverageReport = z.infer<typeof coverageReport>;

export const report = z.discriminatedUnion('format', [testReport, coverageReport]);
export type Report = z.infer<typeof report>;

/** What the history and the step keep of a report; the whole is with the artifact. */
export const reportSummary = z.discriminatedUnion('format', [
  z.object({
    format: z.literal('junit'),
    attempt: z.int(),
    artifactId: z.string(),
    path: z.string(),
    total: z.int(),
    passed: z.int(),
    failed: z.int(),
    errored: z.int(),
    skipped: z.int(),
    durationMs: z.number(),
    /** The first failing cases, at most 20. */
    failures: z.array(testCase),
  }),
  z.object({
    format: z.literal('cobertura'),
    attempt: z.int(),
    artifactId: z.string(),
    path: z.string(),
    linesCovered: z.int(),
    linesTotal: z.int(),
    branchesCovered: z.int(),
    branchesTotal: z.int(),
  }),
]);
export type ReportSummary = z.infer<typeof reportSummary>;
