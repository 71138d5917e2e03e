/**
 * One look-up for many: who asks while one is on its way shares the next. So nobody is answered with what was read
 * before the question, and under load a statement serves all who wait. `read` leaves out what there is not.
 */
export function batchLoads<Value>(
  read: (keys: string[]) => Promise<ReadonlyMap<string, Value>>,
): (key: string) => Promise<Value | null> {
  let next: { keys: Set<string>; found: Promise<ReadonlyMap<string, Value>> } | null = null;
  let current: Promise<unknown> = Promise.resolve();

  function begin(): { keys: Set<string>; found: Promise<ReadonlyMap<string, Value>> } {
    const keys = new Set<string>();
    const found = current.then(() => {
      next = null;
      return read([...keys]);
    });
    current = found.catch(() => undefined);
    return { keys, found };
  }

  return async (key) => {
    next ??= begin();
    next.keys.add(key);
    return (await next.found).get(key) ?? null;
  };
}
