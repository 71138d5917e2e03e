import type { Metadata } from 'next';
import { requirePerson } from '@/app/page-data';
import { AllCases } from './all-cases';

export const metadata: Metadata = { title: 'Tests' };
export const dynamic = 'force-dynamic';

export default async function CasesPage() {
  await requirePerson();
  return <AllCases />;
}
