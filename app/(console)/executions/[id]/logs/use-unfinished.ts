import { useState } from 'react';
import type { StreamState } from '@/app/_components/streams/hub';
import type { LogLine, UnfinishedStepLine } from '@/lib/model/log-line';

const none: readonly UnfinishedStepLine[] = [];

/** What is printed and has no line end yet: handlers for a stream of lines, and what to show. */
export function useUnfinished() {
  const [lines, setLines] = useState<readonly UnfinishedStepLine[]>(none);
  return {
    onNamed: { unfinished: (data: unknown) => setLines(data as UnfinishedStepLine[]) },
    /** The whole line may come before the news that it has ended. */
    onLines(came: readonly LogLine[]) {
      setLines((now) => {
        const left = now.filter((line) => !came.some((each) => isEndOf(each, line)));
        return left.length === now.length ? now : left;
      });
    },
    /** Nothing of it is true any more when the connection is gone. */
    shown: (state: StreamState) => (state.name === 'live' ? lines : none),
  };
}

function isEndOf(line: LogLine, { stepId, stream, text }: UnfinishedStepLine): boolean {
  return line.stepId === stepId && line.stream === stream && line.text.startsWith(text);
}
