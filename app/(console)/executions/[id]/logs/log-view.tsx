'use client';

import { useEffect, useRef, useState } from 'react';
import { Button } from '@/app/_components/button';
import { Empty, Skeleton } from '@/app/_components/notice';
import type { StreamState } from '@/app/_components/streams/hub';
import type { LogLine, UnfinishedStepLine } from '@/lib/model/log-line';
import { LogRow, type TimeStyle, UnfinishedRow } from './log-row';
import { useRows } from './use-rows';

/** Lines as the view wants them: by row, some of them perhaps not loaded yet. */
export interface LogSource {
  count: number;
  lineAt(row: number): LogLine | undefined;
  rowOf(seq: number): number | null;
  /** The view shows these rows: load what is missing. */
  need(from: number, to: number): void;
  /** What is printed and has no line end yet. */
  unfinished: readonly UnfinishedStepLine[];
  state: StreamState;
  isLoading: boolean;
  error: string | null;
}

const rowHeight = 19;
const nearEnd = 40;
const settleMs = 300;

interface LogViewProps {
  source: LogSource;
  /** Lines of several steps: each says whose it is. */
  hasSteps: boolean;
  /** The text of the line that tells why a step failed: it is marked, and shown first. */
  telling: string | null;
  time: TimeStyle;
  isWrapped: boolean;
  startMs: number;
  /** The line to show, by its number. */
  chosen: number | null;
  hits: ReadonlySet<number>;
  isOver: boolean;
  onChoose: (seq: number) => void;
}

/** A window over any number of lines. Follows the end until someone scrolls away from it. */
export function LogView(props: LogViewProps) {
  const { source, hasSteps, telling, time, isWrapped, startMs, chosen, hits, isOver, onChoose } = props;
  const frame = useRef<HTMLDivElement>(null);
  const top = useRef(0);
  const letGoAt = useRef(Number.NEGATIVE_INFINITY);
  const [isFollowing, setIsFollowing] = useState(chosen === null && !isOver);
  const [seen, setSeen] = useState(0);
  const rows = useRows({ frame, count: source.count, rowHeight, isWrapped });
  const { items } = rows;
  const hasLines = source.count + source.unfinished.length > 0;
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: asks again when the rows that are shown change
  useEffect(() => {
    source.need(first, last);
  }, [first, last, source.count]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the end moves with the count
  useEffect(() => {
    if (!isFollowing || !hasLines || performance.now() - letGoAt.current < settleMs) return;
    if (source.unfinished.length === 0) rows.show(source.count - 1, 'end');
    else if (frame.current) frame.current.scrollTop = frame.current.scrollHeight;
    setSeen(source.count);
  }, [isFollowing, source.count, source.unfinished]);

  const chosenRow = chosen === null ? null : source.rowOf(chosen);
  // biome-ignore lint/correctness/useExhaustiveDependencies: goes to the line once, when it is chosen and there
  useEffect(() => {
    if (chosenRow === null || chosenRow >= source.count) return;
    setIsFollowing(false);
    rows.show(chosenRow, 'center');
  }, [chosenRow, chosenRow !== null && chosenRow < source.count]);

  const isOpened = useRef(chosen !== null || telling === null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: opens at the failure once, when its lines are there
  useEffect(() => {
    if (isOpened.current || source.isLoading || source.count === 0) return;
    isOpened.current = true;
    const isTelling = (row: number) => telling !== null && tells(source.lineAt(row), telling);
    let row = source.count - 1;
    while (row > 0 && source.lineAt(row) && !isTelling(row)) row -= 1;
    rows.show(isTelling(row) ? row : source.count - 1, isTelling(row) ? 'center' : 'end');
  }, [source.isLoading, source.count]);

  const onScroll = () => {
    const box = frame.current;
    if (!box) return;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < nearEnd;
    // On the way up the first pixels are still near the end: only who comes down to it follows again.
    const isGoingDown = box.scrollTop > top.current;
    top.current = box.scrollTop;
    // Nor does the news of a step down that was taken before count, which may come after it was let go.
    const isSettled = performance.now() - letGoAt.current > settleMs;
    if (isAtEnd && isGoingDown && isSettled && !isFollowing && !isOver) setIsFollowing(true);
  };
  const letGo = () => {
    letGoAt.current = performance.now();
    if (!frame.current || !isFollowing) return;
    setSeen(source.count);
    setIsFollowing(false);
  };
  const fresh = source.count - seen;

  if (!hasLines) return source.isLoading ? <Skeleton rows={8} /> : <NoLines isOver={isOver} />;
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={frame}
        role="log"
        aria-label="Output"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard
        tabIndex={0}
        data-following={isFollowing}
        data-count={source.count}
        onScroll={onScroll}
        onWheel={(event) => event.deltaY < 0 && letGo()}
        onTouchMove={letGo}
        onKeyDown={(event) => ['ArrowUp', 'PageUp', 'Home'].includes(event.key) && letGo()}
        className="absolute inset-0 overflow-auto bg-surface outline-none"
      >
        <div className="relative w-full" style={{ height: rows.height }}>
          {items.map((item) => {
            const line = source.lineAt(item.index);
            return (
              <div
                key={item.index}
                ref={rows.measure}
                data-index={item.index}
                className="absolute left-0 min-w-full"
                style={{ transform: `translateY(${item.start}px)`, minHeight: rowHeight }}
              >
                {line ? (
                  <LogRow
                    line={line}
                    hasStep={hasSteps}
                    isTelling={telling !== null && tells(line, telling)}
                    time={time}
                    startMs={startMs}
                    isWrapped={isWrapped}
                    isChosen={line.seq === chosen}
                    isHit={hits.has(line.seq)}
                    onChoose={onChoose}
                  />
                ) : (
                  <div className="pl-8 font-mono text-code text-ink-3">…</div>
                )}
              </div>
            );
          })}
        </div>
        {source.unfinished.map((line) => (
          <UnfinishedRow
            key={`${line.stepId} ${line.stream}`}
            line={line}
            hasStep={hasSteps}
            hasTime={time !== 'off'}
            isWrapped={isWrapped}
          />
        ))}
      </div>
      {!isFollowing && !isOver ? (
        <Button className="absolute right-4 bottom-3 shadow-float" onClick={() => setIsFollowing(true)}>
          {fresh > 0 ? `${fresh.toLocaleString()} new ${fresh === 1 ? 'line' : 'lines'}` : 'Follow'}
        </Button>
      ) : null}
    </div>
  );
}

function tells(line: LogLine | undefined, telling: string): boolean {
  return telling !== '' && line !== undefined && line.text.includes(telling.replace(/…$/, ''));
}

function NoLines({ isOver }: { isOver: boolean }) {
  return (
    <Empty title={isOver ? 'Nothing was printed' : 'Nothing was printed yet'}>
      {isOver ? null : <p>Lines appear here as they are printed.</p>}
    </Empty>
  );
}
