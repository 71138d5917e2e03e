import { expect, it } from 'vitest';
import { pinImages } from '@/lib/engine/pin-images';
import type { Execution, ResultReuse } from '@/lib/model/execution';
import type { ImageFacts } from '@/lib/model/image-facts';
import type { PlannedNode } from '@/lib/model/node';
import { makePlan } from '../support/plan';

const at = (repository: string, letter: string) => `${repository}@sha256:${letter.repeat(64)}`;
const idOf = (letter: string) => `sha256:${letter.repeat(64)}`;
type Given = Partial<PlannedNode> & { id: string };

/** The images with which the steps run again, after they have run these. */
function pinned(nodes: Given[], ran: Record<string, Partial<ImageFacts>>): Record<string, string> {
  const plan = makePlan({ nodes });
  const steps = plan.nodes.map(({ id, image, pinnedImage }) => {
    const facts = { name: pinnedImage ?? image ?? '', id: null, digest: null, platform: null, ...ran[id] };
    const result = { exitCode: 1, signal: null, oomKilled: false, reason: null, image: facts };
    return { id, attempts: ran[id] ? [{ result }] : [], result: null };
  });
  const takeOvers = new Map<string, ResultReuse>(
    plan.nodes.map(({ id }) => [id, { from: null, sentence: '', result: null, reports: [] }]),
  );
  const before = { steps } as unknown as Execution;
  const again = makePlan({ nodes: nodes.map(({ pinnedImage: _, ...node }) => node) });
  return Object.fromEntries(
    pinImages(before, plan, again, takeOvers).nodes.map(({ id, pinnedImage }) => [
      id,
      pinnedImage ?? 'by name',
    ]),
  );
}

it.each([
  ['nginx:1', at('nginx', 'a')],
  ['nginx', at('docker.io/library/nginx', 'a')],
  ['docker.io/shop/app:1', at('shop/app', 'a')],
  ['reg.example:5000/app:1', at('reg.example:5000/app', 'a')],
  ['localhost/app', at('localhost/app', 'a')],
])('pins %s by the digest of its own repository', (image, digest) => {
  expect(pinned([{ id: 'a', image }], { a: { digest } })).toEqual({ a: digest });
});

it.each([
  ['made here', 'app:dev', null],
  ['of another registry', 'app:dev', at('reg.example/app', 'a')],
  ['of another repository', 'app:dev', at('docker.io/library/import-2026-01-01', 'a')],
  ['of a namespace', 'app:dev', at('shop/app', 'a')],
])('leaves its name to an image that is %s', (_, image, digest) => {
  expect(pinned([{ id: 'a', image }], { a: { id: idOf('a'), digest } })).toEqual({ a: 'by name' });
});

it('pins nothing that may not be pulled', () => {
  const digest = at('app', 'a');
  expect(pinned([{ id: 'a', image: 'app:1', pull: 'never' }], { a: { digest } })).toEqual({ a: 'by name' });
});

it('knows what one step has pulled and another one has found, until it is made anew', () => {
  const digest = at('app', 'a');
  const nodes = [
    { id: 'a', image: 'app:1' },
    { id: 'b', image: 'app:1' },
    { id: 'c', image: 'app:1' },
  ];
  const a = { id: idOf('a'), digest };
  expect(pinned(nodes, { a, b: { id: idOf('a') } })).toEqual({ a: digest, b: digest, c: digest });
  expect(pinned(nodes, { a, b: { id: idOf('b') } })).toEqual({ a: digest, b: 'by name', c: 'by name' });
});

it('pins the third time what was pinned the second time, whether it ran or not, unless it went by its name', () => {
  const pinnedImage = at('app', 'a');
  const nodes = [{ id: 'a', image: 'app:1', pinnedImage }];
  expect(pinned(nodes, {})).toEqual({ a: pinnedImage });
  expect(pinned(nodes, { a: { id: idOf('a') } })).toEqual({ a: pinnedImage });
  expect(pinned(nodes, { a: { id: idOf('b'), name: 'app:1' } })).toEqual({ a: 'by name' });
});
