import { expect, it } from 'vitest';
import { openTestStore } from '../support/database';

it('refuses what many send of jobs that are not theirs at once: none waits for a connection that another holds', async () => {
  const { store, close } = await openTestStore();
  try {
    const holder = { agentId: 'nobody', tokenId: 'none', leaseToken: 'old' };
    const lines = [{ stream: 'stdout' as const, text: 'late', atMs: 0 }];
    // More than twice the connections of the pool; each needs one for its transaction.
    const startedMs = performance.now();
    const sent = Array.from({ length: 25 }, (_, index) =>
      store.jobs.appendLines(`job-${index}`, holder, 1, lines).catch((error: unknown) => error),
    );
    const answers = await Promise.all(sent);
    // The database ends a transaction that waits for 30 s.
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    expect(answers).toHaveLength(25);
    for (const answer of answers) expect(answer).toMatchObject({ code: 'not_found' });
  } finally {
    await close();
  }
});
