import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { readRights, readTestCase } from '@/app/page-data';
import { CaseLive } from './case-live';

export const dynamic = 'force-dynamic';

type Params = Promise<{ id: string }>;

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  const found = await readTestCase((await params).id);
  return { title: found ? `Test ${found.name}` : 'No such test case' };
}

export default async function CasePage({ params }: { params: Params }) {
  const { id } = await params;
  const found = await readTestCase(id);
  if (!found) notFound();
  return <CaseLive key={id} start={found} mayMute={(await readRights(found.suiteId)).includes('launch')} />;
}
