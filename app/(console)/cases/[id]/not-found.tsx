import { Empty } from '@/app/_components/notice';

export default function NoCase() {
  return (
    <Empty title="There is no such test case">
      <p>Its results may have been removed for their age, or it was never reported under this identity.</p>
    </Empty>
  );
}
