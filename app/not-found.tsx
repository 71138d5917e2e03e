import type { Metadata } from 'next';
import Link from 'next/link';
import { Logo } from '@/app/_components/logo';

export const metadata: Metadata = { title: 'Not found' };

/** Its script comes with every page: with our own link, it would bring a second copy of that. */
export default function NotFound() {
  return (
    <main className="flex min-h-dvh items-start justify-center px-4 pt-[16vh]">
      <div className="panel w-full max-w-100 p-6">
        <div className="mb-3 flex items-center gap-3">
          <Logo size={24} />
          <h1 className="page-title">There is no such page</h1>
        </div>
        <p className="text-ink-2">
          The link is damaged, or the page has moved. Go to the{' '}
          <Link prefetch={false} href="/" className="text-accent hover:underline">
            overview
          </Link>
          , the{' '}
          <Link prefetch={false} href="/executions" className="text-accent hover:underline">
            executions
          </Link>{' '}
          or to{' '}
          <Link prefetch={false} href="/launch" className="text-accent hover:underline">
            launch
          </Link>{' '}
          a suite.
        </p>
      </div>
    </main>
  );
}
