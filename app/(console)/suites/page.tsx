import type { Metadata } from 'next';
import { requireSession } from '@/app/page-session';
import { getServer } from '@/lib/server';
import { mostRuns } from './runs-of-suite';
import { SuitesLive } from './suites-live';

export const metadata: Metadata = { title: 'Suites' };
export const dynamic = 'force-dynamic';

export default async function SuitesPage() {
  const { role } = await requireSession();
  const { store, suites } = await getServer();
  const items = await suites.list();
  // One more than is drawn: the newest may be running.
  const runs = await store.executions.runsOf(
    items.map(({ id }) => id),
    mostRuns + 1,
  );
  return <SuitesLive start={items} runs={runs} role={role} />;
}
