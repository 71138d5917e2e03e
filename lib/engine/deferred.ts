/** Something that happens once, and that anybody may wait for. */
export function createDeferred(): { wait: Promise<void>; resolve(): void } {
  let resolve = () => {};
  const wait = new Promise<void>((done) => {
    resolve = done;
  });
  return { wait, resolve: () => resolve() };
}
