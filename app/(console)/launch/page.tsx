import type { Metadata } from 'next';
import { requirePerson } from '@/app/page-data';
import { Launch } from './launch';

export const metadata: Metadata = { title: 'Launch' };

export default async function LaunchPage({
  searchParams,
}: {
  searchParams: Promise<{ suite?: string; profile?: string }>;
}) {
  await requirePerson();
  const { suite = null, profile = null } = await searchParams;
  return <Launch initialSuite={suite} initialProfile={profile} />;
}
