import { expect, it } from 'vitest';
import { withUnfinished } from '@/lib/http/log-frames';

it('a reader that comes back learns that nothing is unfinished any more', async () => {
  const streams = {
    async *unfinished() {
      yield [];
      yield [];
    },
  };
  const open = withUnfinished(streams, 'execution', {}, async function* (signal) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  });
  const over = new AbortController();
  const frames: string[] = [];
  for await (const frame of open(over.signal)) {
    frames.push(new TextDecoder().decode(frame));
    over.abort();
  }
  expect(frames).toEqual(['event: unfinished\ndata: []\n\n']);
});
