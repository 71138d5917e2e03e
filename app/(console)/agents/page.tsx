import type { Metadata } from 'next';
import { readAgents, requirePerson } from '@/app/page-data';
import { AgentsLive } from './agents-live';

export const metadata: Metadata = { title: 'Agents' };
export const dynamic = 'force-dynamic';

export default async function AgentsPage() {
  const { role } = await requirePerson();
  return <AgentsLive start={await readAgents()} role={role} />;
}
