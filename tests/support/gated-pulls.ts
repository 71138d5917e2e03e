import { baseImages } from '@/lib/backends/docker/build/dockerfile';
import { createEarlyPulls } from '@/lib/backends/docker/early-pulls';
import { createDeferred } from '@/lib/engine/deferred';
import { silentLogger } from './silent-logger';

/**
 * Early pulls of an engine on which no pull ends before the test opens the gate; `requests` are the images in order.
 * `beforeBases` is awaited for each build, with the first image that it begins with, before its bases are known.
 */
export function openGatedPulls(beforeBases: (name: string) => Promise<void> = async () => undefined) {
  const gate = createDeferred();
  const requests: string[] = [];
  const pullImages = createEarlyPulls({
    logger: silentLogger,
    builds: {
      async basesOf({ build }) {
        const bases = baseImages(build.inline ?? '', build.args);
        await beforeBases(bases[0] ?? '');
        return bases;
      },
    },
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
