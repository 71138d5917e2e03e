import type { Metadata } from 'next';
import { requireSession } from '@/app/page-session';
import { getServer } from '@/lib/server';
import { EnvironmentsLive } from './environments-live';

export const metadata: Metadata = { title: 'Environments' };
export const dynamic = 'force-dynamic';

export default async function EnvironmentsPage() {
  const { name, role } = await requireSession();
  const { engine } = await getServer();
  return <EnvironmentsLive start={await engine.environments.take()} person={{ name, role }} />;
}
