'use client';

import { Button } from '@/app/_components/button';
import { ErrorNotice } from '@/app/_components/notice';

export default function Failed({ reset }: { reset: () => void }) {
  return (
    <div className="flex flex-col gap-4 p-4">
      <h1 className="page-title">Suites</h1>
      <ErrorNotice title="The suites could not be read.">
        <p>The database or this server does not answer. Nothing was changed.</p>
        <Button className="mt-2" onClick={reset}>
          Try again
        </Button>
      </ErrorNotice>
    </div>
  );
}
