import type { PlannedNode } from '@/lib/model/node';
import { makePlan } from '@/lib/planning/make-plan';
import { readValid, type SuiteFiles } from '../suite-folder';

/** A suite whose last step has one value: what becomes of it is looked at. */
export function suiteWith(value: string): string {
  return `vars: { tag: "1.10", empty: "", port: 8080, on: true, num: 1.10, _x-y: z, constructor: c }
steps:
  api: { kind: service, run: serve }
  build: { kind: task, run: make }
  lint: { kind: task, run: lint }
  deploy: { kind: task, run: deploy, after: build }
  test:
    kind: test
    run: check
    after: [deploy, api]
    env:
      VALUE: ${value.includes('"') ? `'${value}'` : JSON.stringify(value)}
`;
}

interface Launch {
  profile?: string;
  vars?: Record<string, string>;
  images?: Record<string, string>;
}

export function planOf(files: string | SuiteFiles, { profile, ...values }: Launch = {}) {
  return makePlan(readValid(files), { profile: profile ?? null, platformEnv: {}, env: {}, ...values });
}

export function nodeOf(files: string | SuiteFiles, id: string, launch: Launch = {}): PlannedNode {
  const node = planOf(files, launch).nodes.find((each) => each.id === id);
  if (!node) throw new Error(`there is no step ${id}`);
  return node;
}

export function issuesOf(files: string | SuiteFiles, launch: Launch): string[] {
  try {
    planOf(files, launch);
    return [];
  } catch (error) {
    if (!(error instanceof Error && 'issues' in error && Array.isArray(error.issues))) throw error;
    return error.issues.map(({ path, message }) => `${path} ${message}`);
  }
}
