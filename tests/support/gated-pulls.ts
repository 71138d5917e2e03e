import { baseImages } from '@/lib/backends/base-images';
import { createEarlyPulls } from '@/lib/backends/docker/early-pulls';
import { createDeferred } from '@/lib/engine/deferred';
import { silentLogger } from './silent-logger';

/** Early pulls of an engine on which no pull ends before the test opens the gate; `requests` are the images in order. */
export function openGatedPulls() {
  const gate = createDeferred();
  const requests: string[] = [];
  const pullImages = createEarlyPulls({
    logger: silentLogger,
    builds: { basesOf: async ({ build }) => baseImages(build.inline ?? '', build.args) },
    images: {
      async ensure({ name }) {
        requests.push(name);
        await gate.wait;
        return true;
      },
    },
  });
  return { pullImages, requests, open: () => gate.resolve() };
}
