import Docker from 'dockerode';
import { beforeEach, expect, it, vi } from 'vitest';
import { type Daemon, DaemonRefusal } from '@/lib/backends/docker/daemon';
import { createImageLookUp } from '@/lib/backends/docker/look-up-images';
import { imagesToLookUp } from '@/lib/backends/images-to-look-up';
import type { Plan } from '@/lib/model/plan';
import { createFakeClock } from '../support/fake-clock';
import { makePlan } from '../support/plan';
import { silentLogger } from '../support/silent-logger';

const never = new Promise<never>(() => undefined);
const refused = () => new DaemonRefusal('Docker', 404, 'manifest unknown', 'ask', null);

/** A look-up on an engine that has no image, with what was asked of it. */
function open() {
  const clock = createFakeClock();
  const warn = vi.fn();
  const docker = new Docker({ socketPath: '/nowhere' });
  const signal = new AbortController().signal;
  const asked: { path: string; abortSignal: AbortSignal }[] = [];
  const answer = vi.fn(async (): Promise<void> => undefined);
  docker.modem.dial = (question: (typeof asked)[number], callback: (error: unknown) => void) => {
    asked.push(question);
    answer().then(() => callback(null), callback);
  };
  docker.listImages = async () => [];
  const daemon: Daemon = {
    name: 'Docker',
    engine: async () => ({ name: 'Docker', version: '28', architecture: 'amd64' }),
    call: async (_what, _limitMs, run) => run(docker, signal),
  };
  const whyAbsent = vi.fn(async (): Promise<string | null> => 'it is not here');
  const images = { whyAbsent, ensure: () => never };
  const credentials = vi.fn(async (): Promise<string | null> => null);
  const deps = { clock, daemon, images, credentials, logger: { ...silentLogger, warn } };
  const lookUpAll = createImageLookUp(deps);
  const lookUp = async (plan: Plan, registries: Parameters<typeof lookUpAll>[1]) =>
    (await lookUpAll(imagesToLookUp(plan), registries)).filter((each) => each !== null);
  const missing = (...names: string[]) =>
    lookUp(makePlan({ nodes: names.map((image, index) => ({ id: `s${index}`, image })) }), {
      registryLogin: async () => null,
    });
  return { clock, warn, asked, answer, whyAbsent, credentials, lookUp, missing };
}

let world: ReturnType<typeof open>;
beforeEach(() => {
  world = open();
});

it('takes four seconds in all, however long the engine, a credential helper or a registry takes', async () => {
  const { clock, whyAbsent, credentials, answer, asked, missing, warn } = world;
  const after4s = async (looking: Promise<string[]>) => {
    await clock.advance(4_000);
    return looking;
  };
  whyAbsent.mockReturnValue(never);
  expect(await after4s(missing(...Array.from({ length: 30 }, (_, index) => `app${index}:1`)))).toEqual([]);
  expect(whyAbsent).toHaveBeenCalledTimes(8);
  whyAbsent.mockResolvedValue('it is not here');
  credentials.mockReturnValueOnce(never);
  expect(await after4s(missing('a.example/app:1'))).toEqual([]);
  expect(asked).toEqual([]);
  answer.mockReturnValue(never);
  expect(await after4s(missing('a.example/app:1'))).toEqual([
    'The image a.example/app:1 of `s0` is not there: it is not here, and a.example did not tell within 4 s whether it has it.',
  ]);
  expect(asked.map(({ path, abortSignal }) => [path, abortSignal.aborted])).toEqual([
    ['/distribution/a.example/app:1/json', true],
  ]);
  expect(warn).not.toHaveBeenCalled();
});

it('asks for the login of a host once', async () => {
  const { asked, credentials, missing } = world;
  expect(await missing('a.example/app:1', 'a.example/app:2', 'b.example/app:1')).toEqual([]);
  expect(asked).toHaveLength(3);
  expect(credentials.mock.calls).toEqual([['a.example'], ['b.example']]);
});

it('says nothing of what cannot be looked up, and logs it once', async () => {
  const { whyAbsent, credentials, missing, warn } = world;
  whyAbsent.mockRejectedValueOnce(new TypeError('a fault')).mockRejectedValueOnce(new TypeError('another'));
  expect(await missing('app:1', 'app:2')).toEqual([]);
  expect(warn.mock.calls).toEqual([[{ image: 'app:1', error: 'a fault' }, expect.any(String)]]);
  credentials.mockRejectedValueOnce(new Error('the helper is broken'));
  expect(await missing('app:1')).toEqual([]);
  expect(warn.mock.calls[1]?.[0]).toMatchObject({ error: expect.stringContaining('the helper is broken') });
});

it('keeps for five minutes that a registry has an image, for half a minute that it has not, and no fault', async () => {
  const { clock, asked, answer, missing } = world;
  const askedFor = async (name: string) => {
    const before = asked.length;
    const said = (await missing(name)).length;
    return [asked.length - before, said];
  };
  expect(await askedFor('a.example/app:1')).toEqual([1, 0]);
  answer.mockRejectedValue(refused());
  expect(await askedFor('a.example/app:2')).toEqual([1, 1]);
  answer.mockRejectedValue(new TypeError('a fault'));
  expect(await askedFor('a.example/app:3')).toEqual([1, 0]);
  expect(await askedFor('a.example/app:3')).toEqual([1, 0]);
  await clock.advance(29_000);
  expect(await askedFor('a.example/app:1')).toEqual([0, 0]);
  expect(await askedFor('a.example/app:2')).toEqual([0, 1]);
  await clock.advance(2_000);
  expect(await askedFor('a.example/app:1')).toEqual([0, 0]);
  expect(await askedFor('a.example/app:2')).toEqual([1, 0]);
  await clock.advance(280_000);
  expect(await askedFor('a.example/app:1')).toEqual([1, 0]);
});

it('looks up nothing that is no name of an image', async () => {
  const { whyAbsent, missing } = world;
  expect(await missing('a'.repeat(1_001), 'Two Words', 'shop/App:1', '')).toEqual([]);
  expect(whyAbsent).not.toHaveBeenCalled();
});

it('looks up no image by its digest, and asks for one that another step pulls', async () => {
  const { asked, whyAbsent, lookUp, missing } = world;
  expect(await missing(`app@sha256:${'a'.repeat(64)}`)).toEqual([]);
  expect(whyAbsent).not.toHaveBeenCalled();
  const registries = { registryLogin: async () => null };
  const nodes = [
    { id: 'a', image: 'app:1' },
    { id: 'b', image: 'app:1', pull: 'never' as const },
  ];
  expect(await lookUp(makePlan({ nodes }), registries)).toEqual([]);
  expect(asked).toHaveLength(1);
});
