import { flakyWords } from '@/lib/model/cases/count-flaky';

/** "1 flaky case" beside the state of a run; nothing when there is none. */
export function FlakyCases({ count }: { count: number }) {
  const words = flakyWords(count);
  return words ? <span className="font-[550] text-timed-out">{words}</span> : null;
}
