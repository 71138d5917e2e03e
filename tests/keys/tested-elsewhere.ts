/** Keys whose effect a test of its own shows: its file below `tests`, and its title. */
export const testedElsewhere: Record<string, [file: string, title: string]> = {
  waits: [
    'agents/waits.test.ts',
    'a step that no agent may take is errored after the time that its suite says, with the reason',
  ],
  'waits.timeout': [
    'agents/waits.test.ts',
    'a step that no agent may take is errored after the time that its suite says, with the reason',
  ],
  'steps.*.tags': [
    'agents/protocol.test.ts',
    'need the tags, and later steps go to whoever has the environment',
  ],
  concurrency: ['keys/keys.test.ts', 'of its group let one execution wait for another, or end it'],
  'concurrency.group': ['keys/keys.test.ts', 'of its group let one execution wait for another, or end it'],
  'concurrency.max': ['keys/keys.test.ts', 'of its group let one execution wait for another, or end it'],
  'concurrency.cancel_running': [
    'keys/keys.test.ts',
    'of its group let one execution wait for another, or end it',
  ],
  'steps.*.healthcheck.interval': ['keys/keys.test.ts', 'of a health check reach the engine'],
  'steps.*.healthcheck.timeout': ['keys/keys.test.ts', 'of a health check reach the engine'],
  'steps.*.healthcheck.retries': ['keys/keys.test.ts', 'of a health check reach the engine'],
  'steps.*.healthcheck.start_period': ['keys/keys.test.ts', 'of a health check reach the engine'],
};
