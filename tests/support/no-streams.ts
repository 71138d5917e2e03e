import type { SuiteSources } from '@/lib/http/check-suites';
import type { SseWriter } from '@/lib/http/sse-writer';

/** For a context whose routes answer with no stream. */
export const noStreams: SseWriter = {
  openStreams: () => 0,
  open() {
    throw new Error('no route of this test answers with a stream');
  },
};

/** For a context whose routes are about no environment. */
export const noEngine: SuiteSources['engine'] = {
  environments: {
    take() {
      throw new Error('no route of this test is about an environment');
    },
  },
};
