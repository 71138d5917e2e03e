import type { Metadata } from 'next';
import { requirePerson } from '@/app/page-data';
import { Schedules } from './schedules';

export const metadata: Metadata = { title: 'Schedules' };
export const dynamic = 'force-dynamic';

export default async function SchedulesPage() {
  return <Schedules person={await requirePerson()} />;
}
