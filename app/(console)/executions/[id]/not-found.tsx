import { Link } from '@/app/_components/hover-link';
import { Empty } from '@/app/_components/notice';

export default function NoExecution() {
  return (
    <Empty title="There is no such execution">
      <p>
        It may have been removed, or the link is damaged.{' '}
        <Link href="/executions" className="text-accent">
          All executions
        </Link>
      </p>
    </Empty>
  );
}
