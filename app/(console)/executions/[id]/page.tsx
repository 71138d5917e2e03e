import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { getServer } from '@/lib/server';
import { ExecutionLive } from './execution-live';

export const metadata: Metadata = { title: 'Execution' };

export default async function ExecutionPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { store } = await getServer();
  const execution = await store.executions.get(id);
  if (!execution) notFound();
  return <ExecutionLive key={id} start={execution} />;
}
