/**
 * One statement for many writers: whoever comes while a write is on its way goes with the next. Resolves when the
 * items are written; all who went together are told of a failure.
 */
export function batchWrites<Item>(
  write: (items: Item[]) => Promise<void>,
): (items: readonly Item[]) => Promise<void> {
  let next: { items: Item[]; written: Promise<void> } | null = null;
  let current: Promise<unknown> = Promise.resolve();

  function begin(): { items: Item[]; written: Promise<void> } {
    const items: Item[] = [];
    const written = current.then(() => {
      next = null;
      return write(items);
    });
    current = written.catch(() => undefined);
    return { items, written };
  }

  return (items) => {
    next ??= begin();
    next.items.push(...items);
    return next.written;
  };
}
