import type { Metadata } from 'next';
import { requirePerson } from '@/app/page-data';
import { ExecutionList } from './execution-list';

export const metadata: Metadata = { title: 'Executions' };

export default async function ExecutionsPage() {
  await requirePerson();
  return <ExecutionList />;
}
