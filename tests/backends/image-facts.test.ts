import { expect, it, vi } from 'vitest';
import type { Daemon } from '@/lib/backends/docker/daemon';
import { createImageFactsReader } from '@/lib/backends/docker/image-facts';
import { createFakeClock } from '../support/fake-clock';

const sha = `sha256:${'a'.repeat(64)}`;
const at = (repository: string) => `${repository}@${sha}`;
const classic = [['Backing Filesystem', 'extfs']];
const containerd = [['driver-type', 'io.containerd.snapshotter.v1']];

/** An engine of this store, which tells these digests of each image. */
function open(engine: 'Docker' | 'Podman', store: string[][], digests: string[]) {
  const clock = createFakeClock();
  const info = vi.fn(async () => ({ DriverStatus: store }));
  const docker = {
    info,
    getContainer: () => ({
      inspect: async () => ({ Image: sha, Config: { Image: 'as the container says' } }),
    }),
    getImage: () => ({
      inspect: async () => ({ RepoDigests: digests, Os: 'linux', Architecture: 'amd64' }),
    }),
  };
  const daemon = {
    name: engine,
    engine: async () => ({ name: engine, version: '1', architecture: 'amd64' }),
    call: (_what: string, _limitMs: number, run: (client: typeof docker) => Promise<unknown>) => run(docker),
  } as unknown as Daemon;
  return { clock, info, read: createImageFactsReader({ clock, daemon }) };
}

it.each([
  ['Docker', classic, false, at('shop/app')],
  ['Docker', containerd, false, null],
  ['Docker', containerd, true, at('shop/app')],
  ['Podman', classic, false, null],
  ['Podman', classic, true, at('shop/app')],
] as const)(
  'with %s and its store %o, pulled now: %s, a registry has %s',
  async (engine, store, wasPulled, digest) => {
    const { read } = open(
      engine,
      store.map((row) => [...row]),
      [at('other/app'), at('shop/app')],
    );
    expect(await read('id', 'shop/app:1', wasPulled)).toEqual({
      name: 'shop/app:1',
      id: sha,
      digest,
      platform: 'linux/amd64',
    });
  },
);

it('takes no digest of another repository, and knows that of a name in full', async () => {
  const { read } = open('Docker', classic, [at('mirror.example/nginx'), at('nginx')]);
  expect(await read('id', 'docker.io/library/nginx:1', false)).toMatchObject({ digest: at('nginx') });
  expect(await read('id', 'shop/nginx:1', false)).toMatchObject({ digest: null });
  expect(await read('id', null, false)).toMatchObject({ name: 'as the container says', digest: null });
});

it('asks for the store once a minute, and only where there are digests', async () => {
  const none = open('Docker', classic, []);
  expect(await none.read('id', 'app:1', false)).toMatchObject({ digest: null });
  expect(none.info).not.toHaveBeenCalled();
  const { read, info, clock } = open('Docker', classic, [at('app')]);
  await read('id', 'app:1', true);
  expect(info).not.toHaveBeenCalled();
  await read('id', 'app:1', false);
  await read('id', 'app:1', false);
  expect(info).toHaveBeenCalledTimes(1);
  await clock.advance(61_000);
  await read('id', 'app:1', false);
  expect(info).toHaveBeenCalledTimes(2);
});
