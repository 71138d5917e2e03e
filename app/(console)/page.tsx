import type { Metadata } from 'next';
import { getServer } from '@/lib/server';
import { OverviewLive } from './overview-live';

export const metadata: Metadata = { title: 'Overview' };
export const dynamic = 'force-dynamic';

export default async function OverviewPage() {
  const { overview } = await getServer();
  return <OverviewLive start={await overview.current()} />;
}
