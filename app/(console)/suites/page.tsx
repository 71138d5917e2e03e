import type { Metadata } from 'next';
import { readSuites } from '@/app/page-data';
import { SuitesLive } from './suites-live';

export const metadata: Metadata = { title: 'Suites' };
export const dynamic = 'force-dynamic';

export default async function SuitesPage() {
  const { items, runs } = await readSuites();
  return <SuitesLive start={items} runs={runs} />;
}
