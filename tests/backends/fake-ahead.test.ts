import { expect, it } from 'vitest';
import { noLedger } from '@/lib/backends/backend';
import { createFakeBackend } from '@/lib/backends/fake/fake-backend';
import { systemClock } from '@/lib/clock';
import type { AheadStage } from '@/lib/model/prepared-step';
import type { StepSpec } from '@/lib/model/step-spec';
import { makeStepSpec } from '../support/plan';

it.each([
  ['an equal spec', {}, 'standing', 0],
  ['another one', { env: { GREETING: 'other' } }, undefined, 1],
] as const)(
  'the fake backend runs what was made ahead for %s, or removes it',
  async (_what, change, from, removals) => {
    let removed = 0;
    const ledger = {
      ...noLedger,
      async removed() {
        removed += 1;
      },
    };
    const backend = createFakeBackend({ clock: systemClock, ledger });
    const step: StepSpec = makeStepSpec({ executionId: 'e1', node: { id: 'step' } });
    await backend.openEnvironment({
      executionId: 'e1',
      suiteId: 'ahead',
      profile: 'default',
      owner: 'owner',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    });
    const { signal } = new AbortController();
    await backend.prepareStep?.(step, { stage: 'standing', signal });
    const seen: (AheadStage | undefined)[] = [];
    await backend.runStep(
      { ...step, ...change },
      {
        signal,
        onPhase: () => {},
        onRunning: (stage) => void seen.push(stage),
        onReady: () => {},
        onLines: async () => {},
        onArtifact: async () => {},
      },
    );
    expect(seen).toEqual([from]);
    expect(removed).toBe(removals);
  },
);
