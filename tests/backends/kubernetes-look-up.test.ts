import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createNodeLookUp } from '@/lib/backends/kubernetes/look-up-images';
import { systemClock } from '@/lib/clock';
import type { LookedUpImage } from '@/lib/model/image-look-up';
import { buildImage } from '../support/build-image';
import { describeWith } from '../support/requirements';
import { silentLogger } from '../support/silent-logger';
import { loadImage, testCluster } from './kubernetes-harness';

const here = 'gantry-cluster-look-up/app:dev';
const misspelt = 'gantry-cluster-look-up/ap:dev';
const never: LookedUpImage = { name: misspelt, platform: null, pull: 'never', steps: ['app'] };
/** A kubelet looks at its images every half a minute, and tells of them a moment later. */
const limitMs = 240_000;

describeWith(['docker', 'kubernetes'], 'The images of a launch on Kubernetes', () => {
  const docker = new Docker();

  beforeAll(async () => {
    // A kubelet reports five names of an image at most: this one is no other image's.
    await buildImage(docker, here, 'FROM scratch\nLABEL of=gantry-cluster-look-up\n');
    await loadImage(here);
  });
  afterAll(() => docker.getImage(here).remove());

  it('are looked for in what the nodes report', { timeout: limitMs }, async () => {
    const wanted: LookedUpImage[] = [
      never,
      { ...never, pull: 'missing' },
      { ...never, name: 'there.example/is-no-such:1', pull: 'missing' },
      { ...never, name: here },
    ];
    await vi.waitFor(
      async () => {
        // A look-up of its own each time: one keeps what the nodes report.
        const deps = { clock: systemClock, cluster: testCluster(), logger: silentLogger };
        const lookUp = createNodeLookUp(deps);
        const absent = `The image ${misspelt} of \`app\` is not there: no node of the cluster reports it, and`;
        const hint = `Did you mean ${here}, which is on a node?`;
        expect(await lookUp(wanted, null)).toEqual([
          `${absent} the step says pull: never. ${hint}`,
          `${absent} would be pulled from docker.io. ${hint}`,
          null,
          null,
        ]);
      },
      { timeout: limitMs, interval: 2_000 },
    );
  });
});
