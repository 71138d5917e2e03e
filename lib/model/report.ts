import { z } from 'zod';
import { coverageFormats } from './coverage-formats';

/** Formats of test results that Gantry reads. */
export const testFormats = [
  'junit',
  'tap',
  'ctrf',
  'go-test',
  'trx',
  'xunit',
  'nunit',
  'allure',
  'playwright',
  'cucumber',
] as const;

export const testFormat = z.enum(testFormats);
export type TestFormat = z.infer<typeof testFormat>;
export const coverageFormat = z.enum(coverageFormats);
export type CoverageFormat = z.infer<typeof coverageFormat>;
export type ReportFormat = TestFormat | CoverageFormat;

/** The title of each format, as its tool writes it. */
export const formatTitles: Record<ReportFormat, string> = {
  junit: 'JUnit',
  tap: 'TAP',
  ctrf: 'CTRF',
  'go-test': 'go test -json',
  trx: 'TRX',
  xunit: 'xUnit.net',
  nunit: 'NUnit',
  allure: 'Allure',
  playwright: 'Playwright JSON',
  cucumber: 'Cucumber JSON',
  cobertura: 'Cobertura',
  lcov: 'lcov',
  jacoco: 'JaCoCo',
  clover: 'Clover',
  simplecov: 'SimpleCov',
  'go-cover': 'Go cover profile',
};

/**
 * The end of a case. `failed`: an assertion did not hold; `errored`: it broke; `skipped`: it did not run, or its failure
 * was expected; `warned`: its tool marks it as doubtful and does not fail because of it.
 */
export const caseStatus = z.enum(['passed', 'failed', 'errored', 'skipped', 'warned']);
export type CaseStatus = z.infer<typeof caseStatus>;

/** A position in the `outputs` of the report. */
const outputReference = z.int().min(0).nullable();

/** One try of a case. `message` is the first line that tells why it did not pass. */
export const caseAttempt = z.object({
  status: caseStatus,
  durationMs: z.number().nullable(),
  message: z.string().nullable(),
  output: outputReference,
});
export type CaseAttempt = z.infer<typeof caseAttempt>;

/** The identity of a case: with the same one it is the same case in another report. */
export const caseIdentity = z.object({
  /** The source file, when the report names it. */
  file: z.string().nullable(),
  /** The names of the suites around it, outermost first. */
  path: z.array(z.string()),
  className: z.string().nullable(),
  name: z.string(),
  /** A project, a browser, the arguments of a parametrised test. */
  parameters: z.record(z.string(), z.string()),
});
export type CaseIdentity = z.infer<typeof caseIdentity>;

export const testCase = caseIdentity.extend({
  ...caseAttempt.shape,
  /** The class of the failure, as the tool names it. */
  type: z.string().nullable(),
  /** Earlier tries by the tool itself, oldest first. */
  attempts: z.array(caseAttempt),
  /** The tool counts it as an error also where it does not fail because of it: see `settleTentative`. */
  isTentative: z.boolean().optional(),
  /** It failed while it was muted. */
  isMuted: z.boolean().optional(),
});
export type TestCase = z.infer<typeof testCase>;

/** A parsed report of tests. */
export const testReport = z.object({
  format: testFormat,
  cases: z.array(testCase),
  /** Outputs of cases, each at most 64 KiB; cases refer to them by position. */
  outputs: z.array(z.string()),
  /** The reason why some of the file could not be read; null when all of it was. */
  damage: z.string().nullable(),
  /** Start of the case in milliseconds since 1970, in formats whose files hold one try of one case each. */
  startedAtMs: z.number().optional(),
});
export type TestReport = z.infer<typeof testReport>;

/** A parsed report of coverage: lines, or the statements of tools that count those. */
export const coverageReport = z.object({
  format: coverageFormat,
  linesCovered: z.int(),
  linesTotal: z.int(),
  branchesCovered: z.int(),
  branchesTotal: z.int(),
  files: z.array(z.object({ path: z.string(), linesCovered: z.int(), linesTotal: z.int() })),
});
export type CoverageReport = z.infer<typeof coverageReport>;

export const report = z.discriminatedUnion('format', [testReport, coverageReport]);
export type Report = z.infer<typeof report>;

/** A case as the history and the step keep it: `suite` is its path and class as one text. */
export const caseSummary = z.object({
  suite: z.string(),
  name: z.string(),
  status: caseStatus,
  durationMs: z.number().nullable(),
  message: z.string().nullable(),
  output: z.string().nullable(),
  isMuted: z.boolean().optional(),
});
export type CaseSummary = z.infer<typeof caseSummary>;

const origin = { attempt: z.int(), artifactId: z.string(), path: z.string() };

export const testSummary = z.object({
  format: testFormat,
  ...origin,
  total: z.int(),
  passed: z.int(),
  failed: z.int(),
  errored: z.int(),
  skipped: z.int(),
  /** Absent in summaries that an earlier release wrote, as is `flaky`. */
  warned: z.int().optional(),
  /** Cases that passed after a try that failed. They are among `passed`. */
  flaky: z.int().optional(),
  /** Muted cases that failed. They are among `failed` and `errored`, and do not fail the step. */
  muted: z.object({ failed: z.int(), errored: z.int() }).optional(),
  durationMs: z.number(),
  /** The first failing cases, at most 20; those that are not muted come first. */
  failures: z.array(caseSummary),
  /** The reason why some of the file could not be read. */
  damage: z.string().nullish(),
});
export type TestSummary = z.infer<typeof testSummary>;

export const coverageSummary = z.object({
  format: coverageFormat,
  ...origin,
  linesCovered: z.int(),
  linesTotal: z.int(),
  branchesCovered: z.int(),
  branchesTotal: z.int(),
});
export type CoverageSummary = z.infer<typeof coverageSummary>;

/** The summary of a report that events and steps keep; the whole report is stored with the artifact. */
export const reportSummary = z.discriminatedUnion('format', [testSummary, coverageSummary]);
export type ReportSummary = z.infer<typeof reportSummary>;
