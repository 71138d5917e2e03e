import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { readSuite, readSuiteTitle, requirePerson } from '@/app/page-data';
import { SuiteLive } from './suite-live';

export const dynamic = 'force-dynamic';

type Params = Promise<{ id: string }>;

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  const title = await readSuiteTitle(await idOf(params));
  return { title: title === null ? 'No such suite' : `Suite ${title}` };
}

export default async function SuitePage({ params }: { params: Params }) {
  const { role } = await requirePerson();
  const id = await idOf(params);
  const found = await readSuite(id);
  if (!found) notFound();
  return <SuiteLive key={id} start={found.suite} runs={found.runs} role={role} />;
}

async function idOf(params: Params): Promise<string> {
  const { id } = await params;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
