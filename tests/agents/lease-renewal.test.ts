import { expect, it } from 'vitest';
import { renewLease } from '@/lib/agent/lease-renewal';
import { leaseRequest } from '@/lib/model/job';
import { createFakeClock } from '../support/fake-clock';
import { silentLogger } from '../support/silent-logger';

it.each([3_000, 60_000, 240_000, 3_600_000])(
  'a lease of %i ms is renewed in time, with a wait that the control plane accepts',
  async (leaseMs) => {
    const clock = createFakeClock();
    const done = new AbortController();
    const waits: number[] = [];
    const plane = {
      async lease({ leaseToken }: { leaseToken: string }, waitMs: number) {
        leaseRequest.parse({ agentId: 'ada', leaseToken, waitMs });
        waits.push(waitMs);
        if (waits.length === 3) done.abort();
        return { leaseMs, desired: 'run' as const, graceMs: 0 };
      },
    };
    const held = { kind: 'step' as const, id: 'job', leaseToken: 'token', leaseMs };
    const lost = await renewLease(
      { clock, logger: silentLogger, plane },
      held,
      clock.monotonicMs(),
      () => undefined,
      done.signal,
    );
    expect(lost).toBeNull();
    expect(waits).toHaveLength(3);
    for (const waitMs of waits) expect(waitMs).toBeLessThanOrEqual(leaseMs / 3);
  },
);
