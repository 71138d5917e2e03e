import type { EnvironmentResource } from './environment';

/** Whether a step's program runs in it. Apart from the schemas, which no page should load for it. */
export function isRunning({ state, ahead }: Pick<EnvironmentResource, 'state' | 'ahead'>): boolean {
  return state === 'running' && ahead === undefined;
}
