import type { Metadata } from 'next';
import { ExecutionList } from './execution-list';

export const metadata: Metadata = { title: 'Executions' };

interface Search {
  suite?: string;
  status?: string;
}

export default async function ExecutionsPage({ searchParams }: { searchParams: Promise<Search> }) {
  const { suite = '', status = '' } = await searchParams;
  return <ExecutionList key={`${suite} ${status}`} suite={suite} status={status} />;
}
