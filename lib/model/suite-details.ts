import { z } from 'zod';
import { dependency, lockedDependency } from './dependency';
import { executionSummary } from './execution';
import { managedProfile } from './managed-profile';
import { plannedNode } from './node';
import { suiteFile, suiteProblem, suiteProfile, suiteStepKind } from './suite';
import { suiteRight } from './suite-right';

/** A folder below a suite root, as the list of suites shows it. */
export const suiteSummary = z.object({
  id: z.string(),
  /** Absolute, on the machine of the control plane. */
  folder: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  repository: z.string().nullable(),
  version: z.string().nullable(),
  /** It can be launched, as far as files tell. */
  valid: z.boolean(),
  /** All that is wrong, each at its line. */
  problems: z.array(suiteProblem),
  profiles: z.array(
    z.object({ name: z.string(), default: z.boolean(), launchable: z.boolean(), managed: z.boolean() }),
  ),
  /** Steps of the suite itself, a nested suite as one. */
  steps: z.int(),
  /** The same by kind. */
  kinds: z.partialRecord(suiteStepKind, z.int()),
  packageDigest: z.string().nullable(),
});
export type SuiteSummary = z.infer<typeof suiteSummary>;

/** All of a suite. The lists are empty where it is not valid. */
export const suiteDetails = suiteSummary.extend({
  /** The flat topology under the default profile. */
  topology: z.array(plannedNode),
  warnings: z.array(z.string()),
  profileDetails: z.array(suiteProfile),
  managedProfiles: z.array(managedProfile),
  dependencies: z.array(dependency),
  lock: z.array(lockedDependency.omit({ files: true })),
  files: z.array(suiteFile),
  publicBadge: z.boolean().describe('Everybody may see the badge of the suite.'),
});
export type SuiteDetails = z.infer<typeof suiteDetails>;

/** The parts of a suite's badge. `profile`: the default one; null where the suite is not valid. */
export interface SuiteBadge {
  title: string;
  isPublic: boolean;
  profile: string | null;
}

/** What the caller may do with a suite, and whether grants or the caller's role say so. */
export const callersRights = z.object({
  rights: z.array(suiteRight),
  rightsFrom: z.enum(['role', 'grants']),
});
export type CallersRights = z.infer<typeof callersRights>;

/** A suite as the API answers it. */
export const suiteSummaryAnswer = suiteSummary.extend(callersRights.shape);
export type SuiteSummaryAnswer = z.infer<typeof suiteSummaryAnswer>;
export const suiteDetailsAnswer = suiteDetails.extend(callersRights.shape);
export type SuiteDetailsAnswer = z.infer<typeof suiteDetailsAnswer>;

/** One execution of a suite, as its history shows it. */
export const suiteRun = executionSummary
  .pick({ id: true, status: true, createdAt: true, startedAt: true, finishedAt: true })
  .extend({ suiteId: z.string() });
export type SuiteRun = z.infer<typeof suiteRun>;
