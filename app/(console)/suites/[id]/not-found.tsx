import { Link } from '@/app/_components/hover-link';
import { Empty } from '@/app/_components/notice';

export default function NoSuite() {
  return (
    <Empty title="There is no such suite">
      <p>
        No folder below the suite roots has this id. It may have been renamed or removed.{' '}
        <Link href="/suites" className="text-accent">
          All suites
        </Link>
      </p>
    </Empty>
  );
}
