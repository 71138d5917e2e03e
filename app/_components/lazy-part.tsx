'use client';

import { type ComponentType, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Held } from './held-keys';
import { isLoadError, pauseAfter } from './load-part';
import { ErrorNotice, Skeleton } from './notice';
import { useFocusBack } from './use-focus-back';
import { useHeldKeys } from './use-held-keys';

type Load<Props> = () => Promise<ComponentType<Props>>;

const loadingShownAfterMs = 200;
const usingEvents = ['pointermove', 'pointerdown', 'keydown'] as const;
const dialogClass =
  'fixed top-24 left-1/2 z-50 w-120 max-w-[92vw] -translate-x-1/2 bg-raised text-left shadow-float';

/**
 * A part of a page whose script is loaded when it is first shown. Without anything in its place (`loading` is null) it is
 * also loaded once the page is used, as dialogs are, since nothing would tell that it is missing.
 */
export function lazyPart<Props extends object>(
  load: Load<Props>,
  loading: ReactNode = <Skeleton />,
): ComponentType<Props> {
  const source: Source<Props> = { load, part: null };
  if (loading === null) {
    loadWhenUsed(async () => {
      source.part ??= await load();
    });
  }
  // biome-ignore lint/correctness/noComponentHookFactories: it is called once for each part, in its module
  return function LazyPart(props: Props) {
    const { Part, hasFailed } = usePart(source);
    if (Part) return <Part {...props} />;
    return hasFailed ? <NotLoaded /> : loading;
  };
}

/**
 * A dialog whose script is loaded when it is first opened. While it is loaded it holds the keyboard as the dialog itself
 * would: Escape closes it, and what was typed is handed to it. When it is closed the focus goes back to where it was.
 */
export function lazyDialog<Props extends { onClose: () => void }>(
  load: Load<Props & { typed: Held }>,
): ComponentType<Props> {
  const source: Source<Props & { typed: Held }> = { load, part: null };
  loadWhenUsed(async () => {
    source.part ??= await load();
  });
  // biome-ignore lint/correctness/noComponentHookFactories: it is called once for each part, in its module
  return function LazyDialog(props: Props) {
    useFocusBack();
    const { Part, hasFailed } = usePart(source);
    const typed = useHeldKeys(Part === null && !hasFailed, props.onClose);
    if (Part) return <Part {...props} typed={typed} />;
    return hasFailed ? <DialogNotLoaded onClose={props.onClose} /> : <DialogLoading />;
  };
}

const waiting: (() => Promise<void>)[] = [];
let isUsed = false;

/**
 * Loads dialogs once the page is used, one after the other and when it has nothing else to do, so that they also open
 * while the server is away. A page that is only looked at does not load them.
 */
function loadWhenUsed(load: () => Promise<void>): void {
  if (typeof window === 'undefined') return;
  waiting.push(load);
  if (isUsed) whenIdle(loadWaiting);
  if (isUsed || waiting.length > 1) return;
  const begin = () => {
    isUsed = true;
    for (const type of usingEvents) window.removeEventListener(type, begin);
    whenIdle(loadWaiting);
  };
  for (const type of usingEvents) window.addEventListener(type, begin, { passive: true });
}

async function loadWaiting(): Promise<void> {
  // One that does not come is loaded when it is opened, which says so.
  for (let load = waiting.shift(); load; load = waiting.shift()) await load().catch(() => undefined);
}

/** Safari has no idle callback. */
function whenIdle(act: () => Promise<void>): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(() => void act());
  else setTimeout(act, 500);
}

interface Source<Props> {
  load: Load<Props>;
  /** Once it has been loaded, for all places that show it. */
  part: ComponentType<Props> | null;
}

/** A script that does not come is tried again for as long as the part is wanted. */
function usePart<Props>(source: Source<Props>) {
  const [Part, setPart] = useState<ComponentType<Props> | null>(() => source.part);
  const [failures, setFailures] = useState(0);
  const [broken, setBroken] = useState<{ error: unknown } | null>(null);
  useEffect(() => {
    if (source.part) return;
    let isOver = false;
    const request = () =>
      source.load().then(
        (part) => {
          source.part = part;
          if (!isOver) setPart(() => part);
        },
        (error: unknown) => {
          if (isOver) return;
          if (isLoadError(error)) return setFailures(failures + 1);
          console.error('A part of the page cannot run:', error);
          setBroken({ error });
        },
      );
    const timer = setTimeout(request, pauseAfter(failures));
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [source, failures]);
  // To the error boundary.
  if (broken) throw broken.error;
  return { Part, hasFailed: failures > 0 };
}

/** Says that something comes, to those who wait for it: the place for it is there first, so that it is read out. */
function DialogLoading() {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), loadingShownAfterMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" className={dialogClass}>
      {isLate ? <p className="px-3 py-2 text-ink-2">Loading</p> : null}
    </div>
  );
}

/** In the place of a dialog, as which it takes the focus. */
function DialogNotLoaded({ onClose }: { onClose: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const handleClose = useRef(onClose);
  handleClose.current = onClose;
  useEffect(() => {
    const element = place.current;
    const press = (event: KeyboardEvent) => {
      if (event.key === 'Escape') handleClose.current();
    };
    element?.addEventListener('keydown', press);
    element?.focus();
    return () => element?.removeEventListener('keydown', press);
  }, []);
  return (
    <div ref={place} tabIndex={-1} className={dialogClass}>
      <NotLoaded onClose={onClose} />
    </div>
  );
}

function NotLoaded({ onClose }: { onClose?: () => void }) {
  const button = 'mr-4 text-accent hover:underline';
  return (
    <ErrorNotice title="This part of the page could not be loaded.">
      <p>Gantry does not answer, or was updated since the page was opened. It is tried again by itself…</p>
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
