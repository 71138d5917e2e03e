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
  schedules: [
    'engine/schedules/declared-schedules.test.ts',
    'is listed with its file and its next times, beside those that people make',
  ],
  'schedules.*.cron': [
    'engine/schedules/declared-schedules.test.ts',
    'is listed with its file and its next times, beside those that people make',
  ],
  'schedules.*.time_zone': [
    'engine/schedules/declared-schedules.test.ts',
    'is listed with its file and its next times, beside those that people make',
  ],
  'schedules.*.jitter': [
    'engine/schedules/declared-schedules.test.ts',
    'is listed with its file and its next times, beside those that people make',
  ],
  'schedules.*.profile': ['engine/schedules/declared-schedules.test.ts', 'launches as its keys say'],
  'schedules.*.backend': ['engine/schedules/declared-schedules.test.ts', 'launches as its keys say'],
  'schedules.*.when_running': ['engine/schedules/declared-schedules.test.ts', 'launches as its keys say'],
  'schedules.*.when_missed': ['engine/schedules/declared-schedules.test.ts', 'launches as its keys say'],
  public_badge: ['app/badges.test.ts', 'is answered without a token as that of a suite that is not there'],
};
