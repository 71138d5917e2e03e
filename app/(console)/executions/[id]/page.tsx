import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { readExecution } from '@/app/page-data';
import { ExecutionLive } from './execution-live';

export const metadata: Metadata = { title: 'Execution' };

export default async function ExecutionPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const execution = await readExecution(id);
  if (!execution) notFound();
  return <ExecutionLive key={id} start={execution} />;
}
