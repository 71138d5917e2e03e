import type { Metadata } from 'next';
import { Launch } from './launch';

export const metadata: Metadata = { title: 'Launch' };

export default async function LaunchPage({
  searchParams,
}: {
  searchParams: Promise<{ suite?: string; profile?: string }>;
}) {
  const { suite = null, profile = null } = await searchParams;
  return <Launch initialSuite={suite} initialProfile={profile} />;
}
