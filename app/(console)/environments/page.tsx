import type { Metadata } from 'next';
import { readEnvironments, requirePerson } from '@/app/page-data';
import { EnvironmentsLive } from './environments-live';

export const metadata: Metadata = { title: 'Environments' };
export const dynamic = 'force-dynamic';

export default async function EnvironmentsPage() {
  const { name, role } = await requirePerson();
  return <EnvironmentsLive start={await readEnvironments()} person={{ name, role }} />;
}
