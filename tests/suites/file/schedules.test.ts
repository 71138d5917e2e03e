import { expect, it } from 'vitest';
import { problemsOf, readValid } from '../suite-folder';

const steps = 'steps: { a: { kind: task, run: "true" } }';

it('is read with its defaults, by its name', () => {
  expect(readValid(`schedules: { nightly: { cron: "30 2 * * 1-5" } }\n${steps}`).schedules).toEqual({
    nightly: {
      cron: '30 2 * * 1-5',
      time_zone: 'UTC',
      jitter: 0,
      when_running: 'skip',
      when_missed: 'skip',
    },
  });
  const all = `
schedules:
  nightly:
    cron: "@daily"
    time_zone: Europe/Berlin
    profile: long
    backend: kubernetes
    jitter: 10m
    when_running: cancel
    when_missed: once
${steps}`;
  expect(readValid(all).schedules?.nightly).toEqual({
    cron: '@daily',
    time_zone: 'Europe/Berlin',
    profile: 'long',
    backend: 'kubernetes',
    jitter: 600_000,
    when_running: 'cancel',
    when_missed: 'once',
  });
  expect(readValid(steps).schedules).toBeUndefined();
});

it('is refused with the place of each bad value, and beside other mistakes of the file', () => {
  const text = `schedules:
  five: { cron: "30 2 * *" }
  range: { cron: "61 2 * * *" }
  never: { cron: "0 0 30 2 *" }
  zone: { cron: "@daily", time_zone: Europe/Berln }
  late: { cron: "@daily", jitter: 2h }
  other: { cron: "@daily", when_running: stop }
  zones: { cron: "@daily", timeZone: UTC }
  none: {}
  "a b": { cron: "@daily" }
steps: { a: { kind: task, run: "true", timout: 1s } }`;
  expect(problemsOf(text)).toEqual([
    'suite.yaml:2:17 schedules.five.cron: expected five fields such as "30 2 * * 1-5", or a name such as "@daily", found "30 2 * *"',
    expect.stringMatching(
      /^suite\.yaml:3:18 schedules\.range\.cron: expected five fields .*found `61 2 \* \* \*`/,
    ),
    'suite.yaml:4:18 schedules.never.cron: expected a pattern with a time to come, found `0 0 30 2 *`, which never comes',
    'suite.yaml:5:38 schedules.zone.time_zone: expected an IANA time zone such as Europe/Berlin, found `Europe/Berln`',
    'suite.yaml:6:35 schedules.late.jitter: expected a duration of at most 1h, found "2h"',
    'suite.yaml:7:42 schedules.other.when_running: expected one of skip, queue, cancel, found "stop"',
    expect.stringContaining(
      'suite.yaml:8:28 schedules.zones: unknown key "timeZone"; did you mean "time_zone"?',
    ),
    'suite.yaml:9:3 schedules.none: expected the key "cron", found none',
    expect.stringContaining('suite.yaml:10:3 schedules: expected the name of a schedule'),
    expect.stringContaining('suite.yaml:11:40 steps.a: unknown key "timout"'),
  ]);
});

it('is refused with a profile that is only there to be extended', () => {
  const files = {
    'suite.yaml': `schedules: { nightly: { cron: "@daily", profile: base } }\n${steps}`,
    'profiles/base.yaml': 'launchable: false',
    'profiles/usual.yaml': 'extends: base',
  };
  expect(problemsOf(files)).toEqual([
    'suite.yaml:1:50 schedules.nightly.profile: expected a profile that can be launched, found "base", which is only there to be extended',
  ]);
});

it('is what people are shown who write the key of another tool', () => {
  expect(problemsOf(`schedule: "@daily"\n${steps}`)[0]).toContain('use "schedules"');
});
