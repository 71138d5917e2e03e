import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Daemon, DaemonRefusal } from '@/lib/backends/docker/daemon';
import { createEarlyPulls } from '@/lib/backends/docker/early-pulls';
import { createImageFactsReader } from '@/lib/backends/docker/image-facts';
import { createImages } from '@/lib/backends/docker/images';
import { createDeferred } from '@/lib/engine/deferred';
import { createFakeClock } from '../support/fake-clock';
import { openGatedPulls } from '../support/gated-pulls';
import { makePlan } from '../support/plan';
import { silentLogger } from '../support/silent-logger';

type Nodes = NonNullable<Parameters<typeof makePlan>[0]>['nodes'];
const nodesOf = (nodes: Nodes) => makePlan({ nodes }).nodes;
const forever = () => new AbortController().signal;

/** The names of the images that are pulled early for these steps, in their order. */
async function pulledFor(nodes: Nodes): Promise<string[]> {
  const { pullImages, requests, open } = openGatedPulls();
  open();
  await pullImages(nodesOf(nodes), { signal: forever() });
  return requests;
}

describe('Early pulls', () => {
  it('are three at a time, and those of an execution that is over are neither waited for nor begun', async () => {
    const { pullImages, requests, open } = openGatedPulls();
    const first = pullImages(nodesOf(['a:1', 'b:1', 'c:1', 'd:1'].map((image) => ({ id: image, image }))), {
      signal: forever(),
    });
    const leaving = new AbortController();
    const second = pullImages(nodesOf([{ id: 'x', image: 'x:1' }]), { signal: leaving.signal });
    leaving.abort();
    await second;
    expect(requests).toEqual(['a:1', 'b:1', 'c:1']);
    open();
    await first;
    expect(requests).toEqual(['a:1', 'b:1', 'c:1', 'd:1']);
  });

  it('are not waited for either once they have begun', async () => {
    const { pullImages } = openGatedPulls();
    const leaving = new AbortController();
    const pulled = pullImages(nodesOf([{ id: 'x', image: 'x:1' }]), { signal: leaving.signal });
    leaving.abort();
    await pulled;
  });

  it('leave out what a step must not pull, whichever of the steps is the first', async () => {
    const never = { id: 'a', image: 'x:1', pull: 'never' as const };
    const other = { id: 'b', image: 'x:1' };
    const third = { id: 'c', image: 'y:1' };
    expect(await pulledFor([never, other, third])).toEqual(['y:1']);
    expect(await pulledFor([third, other, never])).toEqual(['y:1']);
  });

  it('are of what builds begin with, after the others, in the place of what they make', async () => {
    const build = { context: '.', dockerfile: null, target: null, args: {} };
    const api = {
      id: 'api',
      build: { ...build, inline: 'FROM node:1 AS one\nFROM base:1\nCOPY --from=one /a /a' },
    };
    const nodes = [{ id: 'db', image: 'db:1' }, api, { id: 'test', image: 'test:1' }];
    expect(await pulledFor(nodes)).toEqual(['db:1', 'test:1', 'node:1', 'base:1']);
    expect(await pulledFor([...nodes, { id: 'own', image: 'base:1', pull: 'never' as const }])).toEqual([
      'db:1',
      'test:1',
      'node:1',
    ]);
    expect(await pulledFor([{ ...api, pull: 'never' }, ...nodes.slice(2)])).toEqual(['test:1']);
  });

  it('wait for no build whose beginning is not known yet, and read one build at a time, each once', async () => {
    const build = (name: string) => ({
      id: name,
      build: { context: '.', dockerfile: null, target: null, args: {}, inline: `FROM ${name}` },
    });
    const reads: string[] = [];
    const first = createDeferred();
    const { pullImages, requests, open } = openGatedPulls(async (name) => {
      reads.push(name);
      if (name === 'one:1') await first.wait;
    });
    open();
    const leaving = new AbortController();
    const nodes = [build('one:1'), { ...build('one:1'), id: 'again' }, build('two:1'), build('three:1')];
    const pulled = pullImages(nodesOf([...nodes, { id: 'db', image: 'db:1' }]), { signal: leaving.signal });
    await expect.poll(() => requests).toEqual(['db:1']);
    expect(reads).toEqual(['one:1']);
    first.resolve();
    await pulled;
    expect(reads).toEqual(['one:1', 'two:1', 'three:1']);
    expect(requests).toEqual(['db:1', 'one:1', 'two:1', 'three:1']);
  });

  it('leave out what is needed only after a failure', async () => {
    const nodes = [
      { id: 'test', image: 'test:1' },
      { id: 'dump', image: 'dump:1', onFailure: ['test'] },
      { id: 'send', image: 'send:1', after: ['dump'] },
      { id: 'tidy', image: 'tidy:1', after: ['dump'], always: true },
      { id: 'again', image: 'test:1', onFailure: ['test'] },
    ];
    expect(await pulledFor(nodes)).toEqual(['test:1', 'tidy:1']);
  });
});

describe('An image that was pulled before its step began', () => {
  const digest = `sha256:${'d'.repeat(64)}`;
  const ids = { pulled: `sha256:${'1'.repeat(64)}`, other: `sha256:${'2'.repeat(64)}` };

  /** Docker with its containerd store, which gives each image a digest, also one that no registry has. */
  function openEngine() {
    const clock = createFakeClock();
    const state: { id: string | null; pulls: number } = { id: null, pulls: 0 };
    const docker = {
      info: async () => ({ DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']] }),
      getContainer: () => ({ inspect: async () => ({ Image: state.id, Config: { Image: 'shop/app:1' } }) }),
      getImage: (name: string) => ({
        async inspect() {
          if (state.id === null)
            throw new DaemonRefusal('Docker', 404, 'no such image', `look at ${name}`, null);
          return {
            Id: state.id,
            RepoDigests: [`shop/app@${digest}`],
            Os: 'linux',
            Architecture: 'amd64',
          };
        },
      }),
      async createImage() {
        state.pulls += 1;
        state.id = ids.pulled;
        return Readable.from(['{"status":"Pull complete","id":"layer"}\n']);
      },
    };
    const daemon = {
      name: 'Docker',
      engine: async () => ({ name: 'Docker', version: '28.5', architecture: 'amd64' }),
      call: (
        _what: string,
        _limitMs: number,
        run: (client: typeof docker, signal: AbortSignal) => Promise<unknown>,
      ) => run(docker, forever()),
    } as unknown as Daemon;
    const images = createImages({ clock, daemon, credentials: async () => null });
    const readImageFacts = createImageFactsReader({ clock, daemon });
    return {
      clock,
      state,
      pullEarly: () =>
        createEarlyPulls({ images, builds: { basesOf: async () => [] }, logger: silentLogger })(
          nodesOf([{ id: 'a', image: 'shop/app:1' }]),
          {
            signal: forever(),
          },
        ),
      /** What a step records of its image. */
      async factsOfStep() {
        const wanted = { name: 'shop/app:1', platform: null };
        const wasPulled = await images.ensure(wanted, 'missing', forever(), () => undefined);
        return readImageFacts('container', 'shop/app:1', wasPulled);
      },
    };
  }

  it('keeps its digest, by which a rerun pins it, also long after', async () => {
    const { state, clock, pullEarly, factsOfStep } = openEngine();
    await pullEarly();
    expect(await factsOfStep()).toMatchObject({ digest: `shop/app@${digest}` });
    await clock.advance(3_600_000);
    expect(await factsOfStep()).toMatchObject({ digest: `shop/app@${digest}` });
    expect(state.pulls).toBe(1);
  });

  it('has no digest that counts once its name means another image', async () => {
    const { state, clock, pullEarly, factsOfStep } = openEngine();
    await pullEarly();
    state.id = ids.other;
    await clock.advance(60_000);
    expect(await factsOfStep()).toMatchObject({ id: ids.other, digest: null });
  });

  it('has no digest that counts where it was there before', async () => {
    const { state, pullEarly, factsOfStep } = openEngine();
    state.id = ids.other;
    await pullEarly();
    expect(await factsOfStep()).toMatchObject({ id: ids.other, digest: null });
    expect(state.pulls).toBe(0);
  });
});
