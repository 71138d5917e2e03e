import type { Metadata } from 'next';
import { requireSession } from '@/app/page-session';
import { getServer } from '@/lib/server';
import { AgentsLive } from './agents-live';

export const metadata: Metadata = { title: 'Agents' };
export const dynamic = 'force-dynamic';

export default async function AgentsPage() {
  const { role } = await requireSession();
  const { store, config } = await getServer();
  return <AgentsLive start={await store.agents.list(3 * config.agentHeartbeatMs)} role={role} />;
}
