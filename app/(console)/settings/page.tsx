import type { Metadata } from 'next';
import { requireSession } from '@/app/page-session';
import { Settings } from './settings';

export const metadata: Metadata = { title: 'Settings' };
export const dynamic = 'force-dynamic';

export default async function SettingsPage() {
  return <Settings person={await requireSession()} />;
}
