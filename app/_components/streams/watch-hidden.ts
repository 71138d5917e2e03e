/** A page that is hidden for a moment is as good as seen. */
const hiddenAfterMs = 5_000;

/** Says when nobody has seen the page for a while, and when it is seen again. Returns what ends the watch. */
export function watchHidden(on: { hidden: () => void; shown: () => void }): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isHidden = false;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(() => {
        isHidden = true;
        on.hidden();
      }, hiddenAfterMs);
    } else if (isHidden) {
      isHidden = false;
      on.shown();
    }
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
