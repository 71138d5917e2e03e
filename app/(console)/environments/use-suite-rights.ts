import { useEffect, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import type { CallersRights, SuiteSummaryAnswer } from '@/lib/model/suite-details';

const readAgainMs = 60_000;
const tryAgainMs = 5_000;

/** What the person who is signed in may do with each suite, by its id. Empty until the suites are known. */
export function useSuiteRights(): ReadonlyMap<string, CallersRights> {
  const [rights, setRights] = useState<ReadonlyMap<string, CallersRights>>(new Map());
  useEffect(() => {
    let isOver = false;
    let isWaiting = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      // A page that nobody sees asks for nothing until it is seen again.
      isWaiting = document.hidden;
      if (isWaiting) return;
      // Without rights nothing is offered; what is done without them is refused with its reason.
      const answer = await apiFetch<{ items: SuiteSummaryAnswer[] }>('/api/v1/suites').catch(() => null);
      if (isOver) return;
      if (answer) setRights(new Map(answer.items.map((suite) => [suite.id, suite])));
      timer = setTimeout(read, answer ? readAgainMs : tryAgainMs);
    };
    const show = () => {
      if (isWaiting) void read();
    };
    document.addEventListener('visibilitychange', show);
    void read();
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', show);
    };
  }, []);
  return rights;
}
