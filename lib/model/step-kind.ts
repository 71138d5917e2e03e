export const stepKinds = ['service', 'mock', 'task', 'test', 'traffic'] as const;

/** A `suite` step stands for the steps of a nested suite and is expanded away when a plan is made. */
export const suiteStepKinds = [...stepKinds, 'suite'] as const;

/** Services and mocks stay up; tasks, tests and traffic run to an end. */
export function staysUp(kind: (typeof stepKinds)[number]): boolean {
  return kind === 'service' || kind === 'mock';
}
