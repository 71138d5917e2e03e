import type { Metadata } from 'next';
import { readOverview } from '@/app/page-data';
import { OverviewLive } from './overview-live';

export const metadata: Metadata = { title: 'Overview' };
export const dynamic = 'force-dynamic';

export default async function OverviewPage() {
  return <OverviewLive start={await readOverview()} />;
}
