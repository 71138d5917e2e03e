import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements';
import { runChaos } from './chaos';

describeWith(['docker', 'redis'], 'Two control planes on one database', () => {
  it('lose nothing, double nothing and leave nothing while one thing after the other dies', {
    timeout: 600_000,
  }, async () => {
    const said: string[] = [];
    const report = await runChaos({
      seed: 7,
      durationMs: 25_000,
      pauseMs: 2_000,
      mostSteps: 6,
      fewestExecutions: 4,
      withDaemon: false,
      backend: 'local',
      say: (text) => said.push(text),
    });
    expect(report.problems, said.join('\n')).toEqual([]);
    expect(report.executions).toBeGreaterThan(3);
    expect(Object.keys(report.faults).length).toBeGreaterThan(0);
  });
});
