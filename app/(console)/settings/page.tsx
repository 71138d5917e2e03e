import type { Metadata } from 'next';
import { requirePerson } from '@/app/page-data';
import { Settings } from './settings';

export const metadata: Metadata = { title: 'Settings' };
export const dynamic = 'force-dynamic';

export default async function SettingsPage() {
  return <Settings person={await requirePerson()} />;
}
