'use client';

import { type ComponentType, type ReactNode, useEffect, useState } from 'react';
import { ErrorNotice, Skeleton } from './notice';
import { useHeldKeys } from './use-held-keys';

type Load<Props> = () => Promise<ComponentType<Props>>;

const tryAgainMs = 3_000;

/** A part of a page whose script is loaded when it is first shown. */
export function lazyPart<Props extends object>(
  load: Load<Props>,
  loading: ReactNode = <Skeleton />,
): ComponentType<Props> {
  const source: Source<Props> = { load, part: null };
  // biome-ignore lint/correctness/noComponentHookFactories: it is called once for each part, in its module
  return function LazyPart(props: Props) {
    const { Part, hasFailed } = usePart(source);
    if (Part) return <Part {...props} />;
    return hasFailed ? <NotLoaded /> : loading;
  };
}

/**
 * A dialog whose script is loaded when it is first opened. Until then it holds the keyboard as the dialog itself would:
 * Escape closes it, and what was typed is handed to it.
 */
export function lazyDialog<Props extends { onClose: () => void }>(
  load: Load<Props & { typed: string }>,
): ComponentType<Props> {
  const source: Source<Props & { typed: string }> = { load, part: null };
  // biome-ignore lint/correctness/noComponentHookFactories: it is called once for each part, in its module
  return function LazyDialog(props: Props) {
    const { Part, hasFailed } = usePart(source);
    const typed = useHeldKeys(Part === null, props.onClose);
    if (Part) return <Part {...props} typed={typed} />;
    return hasFailed ? (
      <div className="fixed top-24 left-1/2 z-50 w-120 max-w-[92vw] -translate-x-1/2 bg-raised text-left shadow-float">
        <NotLoaded onClose={props.onClose} />
      </div>
    ) : null;
  };
}

interface Source<Props> {
  load: Load<Props>;
  /** Once it has been loaded, for all places that show it. */
  part: ComponentType<Props> | null;
}

/** A failed load is tried again for as long as the part is wanted. */
function usePart<Props>(source: Source<Props>) {
  const [Part, setPart] = useState<ComponentType<Props> | null>(() => source.part);
  const [failures, setFailures] = useState(0);
  useEffect(() => {
    if (source.part) return;
    let isOver = false;
    const request = () =>
      source.load().then(
        (part) => {
          source.part = part;
          if (!isOver) setPart(() => part);
        },
        () => {
          if (!isOver) setFailures(failures + 1);
        },
      );
    const timer = setTimeout(request, failures === 0 ? 0 : tryAgainMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [source, failures]);
  return { Part, hasFailed: failures > 0 };
}

function NotLoaded({ onClose }: { onClose?: () => void }) {
  const button = 'mr-4 text-accent hover:underline';
  return (
    <ErrorNotice title="This part of the page could not be loaded.">
      <p>Gantry does not answer, or was updated since the page was opened. Retrying every 3 s…</p>
      <button type="button" className={button} onClick={() => location.reload()}>
        Reload the page
      </button>
      {onClose ? (
        <button type="button" className={button} onClick={onClose}>
          Never mind
        </button>
      ) : null}
    </ErrorNotice>
  );
}
