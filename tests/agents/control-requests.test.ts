import { expect, it } from 'vitest';
import { answerControlRequest } from '@/lib/agent/control-requests';
import { createMasker } from '@/lib/model/masker';

it('cuts a sentence about a missing image, whatever a registry says', async () => {
  const image = { name: 'shop/app:1', platform: null, pull: 'missing' as const, steps: ['app'] };
  const images = [true, false, true].map((asksRegistry) => ({ ...image, asksRegistry }));
  const said = 'No. '.repeat(5_000);
  const answer = await answerControlRequest(
    {
      backend: {
        missingImages: async (wanted, registries) =>
          wanted.map((_, at) => (registries && at === 0 ? said : null)),
      },
      maskerOf: () => createMasker([]),
    },
    { kind: 'images', id: 'job', leaseToken: 'token', leaseMs: 1_000, images },
  );
  expect(answer).toEqual({ missingImages: [said.slice(0, 2_000), null, null] });
});
