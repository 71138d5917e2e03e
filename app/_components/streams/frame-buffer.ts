/** A hidden page gets no frames, and one that has just been hidden not those it waits for. */
const longestFrameMs = 1_000;

/** Hands items over in a frame of the browser: at once when it was quiet, and once in `pauseMs` in a flood. */
export function createFrameBuffer<T>(pauseMs: number, onItems: (items: T[]) => void) {
  let items: T[] = [];
  let isWaiting = false;
  let isOver = false;
  let flushedAt = 0;
  const flush = () => {
    isWaiting = false;
    flushedAt = Date.now();
    const taken = items;
    items = [];
    if (taken.length > 0 && !isOver) onItems(taken);
  };
  return {
    flush,
    push(more: readonly T[]) {
      for (const item of more) items.push(item);
      if (isWaiting || items.length === 0) return;
      isWaiting = true;
      const restMs = flushedAt + pauseMs - Date.now();
      if (document.hidden) setTimeout(flush, 250);
      else if (restMs <= 0) inNextFrame(flush);
      else setTimeout(() => inNextFrame(flush), restMs);
    },
    end() {
      isOver = true;
    },
  };
}

function inNextFrame(act: () => void): void {
  const run = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    act();
  };
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, longestFrameMs);
}
