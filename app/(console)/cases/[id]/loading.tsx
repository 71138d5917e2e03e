import { Skeleton } from '@/app/_components/notice';

export default function Loading() {
  return <Skeleton rows={10} />;
}
