import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { requireSession } from '@/app/page-session';
import { AppError } from '@/lib/model/errors';
import type { SuiteDetails } from '@/lib/model/suite-details';
import { getServer } from '@/lib/server';
import { mostRuns } from '../runs-of-suite';
import { SuiteLive } from './suite-live';

export const dynamic = 'force-dynamic';

type Params = Promise<{ id: string }>;

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  const { catalog } = await getServer();
  const entry = await catalog.get(await idOf(params));
  return { title: entry ? `Suite ${entry.suite?.title ?? entry.id}` : 'No such suite' };
}

export default async function SuitePage({ params }: { params: Params }) {
  const { role } = await requireSession();
  const { store, suites } = await getServer();
  const id = await idOf(params);
  const suite = await suites.get(id).catch((error: unknown): SuiteDetails | null => {
    if (error instanceof AppError && error.code === 'suite_not_found') return null;
    throw error;
  });
  if (!suite) notFound();
  const runs = await store.executions.runsOf([suite.id], mostRuns + 1);
  return <SuiteLive key={id} start={suite} runs={runs} role={role} />;
}

async function idOf(params: Params): Promise<string> {
  const { id } = await params;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
