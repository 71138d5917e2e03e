import type { Metadata } from 'next';
import { requirePerson } from '@/app/page-data';
import { ExecutionList } from './execution-list';

export const metadata: Metadata = { title: 'Executions' };

interface Search {
  suite?: string;
  status?: string;
}

export default async function ExecutionsPage({ searchParams }: { searchParams: Promise<Search> }) {
  await requirePerson();
  const { suite = '', status = '' } = await searchParams;
  return <ExecutionList key={`${suite} ${status}`} suite={suite} status={status} />;
}
