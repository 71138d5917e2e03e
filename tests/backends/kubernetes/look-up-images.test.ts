import { expect, it } from 'vitest';
import type { Cluster } from '@/lib/backends/kubernetes/cluster';
import { createNodeLookUp } from '@/lib/backends/kubernetes/look-up-images';
import type { LookedUpImage } from '@/lib/model/image-look-up';
import { silentLogger } from '../../support/silent-logger';

/** A look-up in a cluster whose nodes report images of these names. */
function nodesWith(...nodes: string[][]) {
  return lookUpOn(async () => ({
    items: nodes.map((names) => ({ status: { images: names.map((name) => ({ names: [name] })) } })),
  }));
}

function lookUpOn(request: Cluster['request']) {
  const unused = () => Promise.reject(new Error('nobody asks for this'));
  const cluster: Cluster = { request, config: unused, open: unused };
  return createNodeLookUp({ cluster, logger: silentLogger });
}

function image(name: string): LookedUpImage {
  return { name, platform: null, pull: 'never', steps: ['app'] };
}

it('knows an image by each of the names that container runtimes report', async () => {
  const lookUp = nodesWith(
    ['nginx:1', 'docker.io/library/redis:7'],
    ['docker.io/shop/app:dev', `r.example/x@sha256:${'a'.repeat(64)}`],
  );
  const wanted = ['docker.io/library/nginx:1', 'redis:7', 'shop/app:dev'].map(image);
  expect(await lookUp(wanted, null)).toEqual([null, null, null]);
  expect(await lookUp([image('redis:8')], null)).toEqual([
    'The image redis:8 of `app` is not there: no node of the cluster reports it, and the step says pull: never. Did you mean redis:7, which is on a node?',
  ]);
});

it('says nothing where a node may have more images than it reports, or none can be looked at', async () => {
  const many = Array.from({ length: 50 }, (_, index) => `app:${index}`);
  expect(await nodesWith(['nginx:1'], many)([image('shop/app:dev')], null)).toEqual([]);
  expect(await nodesWith(['nginx:1'], [])([image('shop/app:dev')], null)).toEqual([]);
  expect(await nodesWith()([image('shop/app:dev')], null)).toEqual([]);
  const forbidden = lookUpOn(() => Promise.reject(new Error('may not list nodes')));
  expect(await forbidden([image('shop/app:dev')], null)).toEqual([]);
});
