/**
 * A right to a suite, its executions and their environments. `see`: read. `launch`: launch, rerun and
 * cancel; profiles, schedules and mutes. `keep`: keep environments. `exec`: run commands in containers. `reap`: remove
 * environments.
 */
export const suiteRights = ['see', 'launch', 'keep', 'exec', 'reap'] as const;
