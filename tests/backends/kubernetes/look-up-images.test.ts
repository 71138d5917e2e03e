import { expect, it } from 'vitest';
import type { Cluster } from '@/lib/backends/kubernetes/cluster';
import { createNodeLookUp } from '@/lib/backends/kubernetes/look-up-images';
import type { LookedUpImage } from '@/lib/model/image-look-up';
import { createFakeClock } from '../../support/fake-clock';
import { silentLogger } from '../../support/silent-logger';

/** A look-up in a cluster whose nodes report images of these names. */
function nodesWith(...nodes: string[][]) {
  return lookUpOn(async () => ({
    items: nodes.map((names) => ({ status: { images: names.map((name) => ({ names: [name] })) } })),
  }));
}

function lookUpOn(request: Cluster['request'], clock = createFakeClock()) {
  const unused = () => Promise.reject(new Error('nobody asks for this'));
  const cluster: Cluster = { request, config: unused, open: unused };
  return createNodeLookUp({ clock, cluster, logger: silentLogger });
}

function image(name: string, pull: LookedUpImage['pull'] = 'never'): LookedUpImage {
  return { name, platform: null, pull, steps: ['app'] };
}

it('knows an image by each of the names that container runtimes report', async () => {
  const lookUp = nodesWith(
    ['nginx:1', 'docker.io/library/redis:7'],
    ['docker.io/shop/app:dev', `r.example/x@sha256:${'a'.repeat(64)}`],
  );
  const wanted = ['docker.io/library/nginx:1', 'redis:7', 'shop/app:dev'].map((name) => image(name));
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

it('says nothing where an image has as many names as a kubelet reports, or there are more nodes than it reads', async () => {
  const names = ['1', '2', '3', '4', '5'].map((tag) => `shop/app:${tag}`);
  const nodesOf = (images: string[][], metadata?: object) =>
    lookUpOn(async () => ({
      metadata,
      items: [{ status: { images: images.map((each) => ({ names: each })) } }],
    }));
  const wanted = [image('shop/app:6'), image('shop/ap:1', 'missing')];
  expect(await nodesOf([names, ['nginx:1']])(wanted, null)).toEqual([]);
  expect(await nodesOf([names.slice(1)], { continue: 'more' })(wanted, null)).toEqual([]);
  expect(await nodesOf([names.slice(1)])(wanted, null)).toEqual([
    expect.stringContaining('and the step says pull: never. Did you mean shop/app:2, which'),
    expect.stringContaining('and would be pulled from docker.io. Did you mean shop/app:2, which'),
  ]);
});

it('doubts no image of which another tag is on a node, unless it may not be pulled', async () => {
  const lookUp = nodesWith(['docker.io/library/redis:7', 'shop/app:dev']);
  const wanted = [image('redis:8', 'missing'), image('redis:8', 'always'), image('shop/ap:dev', 'missing')];
  expect(await lookUp(wanted, null)).toEqual([
    null,
    null,
    'The image shop/ap:dev of `app` is not there: no node of the cluster reports it, and would be pulled from docker.io. Did you mean shop/app:dev, which is on a node?',
  ]);
  expect(await lookUp([image('gantry/toolbox:local', 'missing')], null)).toEqual([
    "The image gantry/toolbox:local of `app` is not there: no node of the cluster reports it, and would be pulled from docker.io. Make it with `npm run toolbox` in Gantry's folder, so that it is on a node.",
  ]);
});

it('keeps what the nodes report for half a minute', async () => {
  const clock = createFakeClock();
  const reports = [['nginx:1'], ['nginx:1', 'shop/app:dev']];
  let asked = 0;
  const lookUp = lookUpOn(async () => {
    const names = reports[asked] ?? [];
    asked += 1;
    return { items: [{ status: { images: names.map((name) => ({ names: [name] })) } }] };
  }, clock);
  const absent = [expect.stringContaining('no node of the cluster reports it')];
  const both = [lookUp([image('shop/app:dev')], null), lookUp([image('shop/app:dev')], null)];
  expect(await Promise.all(both)).toEqual([absent, absent]);
  await clock.advance(29_000);
  expect(await lookUp([image('shop/app:dev')], null)).toEqual(absent);
  expect(asked).toBe(1);
  await clock.advance(1_000);
  expect(await lookUp([image('shop/app:dev')], null)).toEqual([null]);
  expect(asked).toBe(2);
});
