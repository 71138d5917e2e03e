import type { Metadata } from 'next';
import { Logo } from '@/app/_components/logo';

export const metadata: Metadata = { title: 'Not found' };

/** Its links are plain ones: its script comes with every page, and would bring a second copy of `Link`. */
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
          <a href="/" className="text-accent hover:underline">
            overview
          </a>
          , the{' '}
          <a href="/executions" className="text-accent hover:underline">
            executions
          </a>{' '}
          or to{' '}
          <a href="/launch" className="text-accent hover:underline">
            launch
          </a>{' '}
          a suite.
        </p>
      </div>
    </main>
  );
}
