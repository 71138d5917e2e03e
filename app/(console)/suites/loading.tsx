import { Skeleton } from '@/app/_components/notice';

export default function Loading() {
  return (
    <div className="flex flex-col gap-4 p-4">
      <h1 className="page-title">Suites</h1>
      <div className="panel">
        <Skeleton rows={8} />
      </div>
    </div>
  );
}
