import { Readable } from 'node:stream';
import type { Clock } from '../../../clock';
import { AppError, messageOf } from '../../../model/errors';
import type { ImageBuild } from '../../../model/image-build';
import type { Logger } from '../../../model/logger';
import type { PlannedNode } from '../../../model/node';
import type { OpenPackage } from '../../backend';
import { labelNames } from '../../labels';
import { type Daemon, quickMs, refusalStatus } from '../daemon';
import type { Images, WantedImage } from '../images';
import { createBuildLog } from './build-log';
import { type BuildInputs, readBuildInputs, streamContext } from './context';
import { baseImages } from './dockerfile';
import { removeOldBuilds } from './kept-builds';
import { type BuildListener, createSharedBuilds } from './shared-builds';

export interface WantedBuild {
  build: ImageBuild;
  packageDigest: string;
  platform: string | null;
  pull: PlannedNode['pull'];
  /** For the images that the Dockerfile begins with. */
  registryLogin?: WantedImage['registryLogin'];
}

export interface Builds {
  /**
   * Resolves with the name of the image once it is there, built unless one of the same inputs is. Rejects with AppError
   * `image_missing` and the builder's own reason.
   */
  ensure(wanted: WantedBuild, signal: AbortSignal, listener: BuildListener): Promise<string>;
  /** The images that the build begins with; none where `ensure` would not build. */
  basesOf(wanted: WantedBuild, signal: AbortSignal): Promise<string[]>;
}

const repository = 'gantry/build';
/** Until an engine has taken the context and says its first word. */
const sendLimitMs = 10 * 60_000;
const buildLimitMs = 60 * 60_000;
/** An image that a step has asked for is not removed as an old one meanwhile. */
const usedForMs = 60 * 60_000;

export function createBuilds(
  context: { clock: Clock; logger: Logger; daemon: Daemon; images: Images; openPackage: OpenPackage },
  installation: string,
): Builds {
  const { clock, daemon, images, openPackage } = context;
  const running = createSharedBuilds();
  const usedAt = new Map<string, number>();

  async function isThere(image: string): Promise<boolean> {
    try {
      await daemon.call(`look at the image ${image}`, quickMs, (docker) => docker.getImage(image).inspect());
      return true;
    } catch (error) {
      if (refusalStatus(error) === 404) return false;
      throw error;
    }
  }

  async function buildImage(
    image: string,
    { build, packageDigest, platform, pull, registryLogin }: WantedBuild,
    inputs: BuildInputs,
    { onLine, onProgress }: BuildListener,
    signal: AbortSignal,
  ): Promise<void> {
    for (const name of baseImages(inputs.dockerfile, build.args))
      await images.ensure({ name, platform, registryLogin }, pull, signal, (detail) =>
        onProgress(`${name}: ${detail}`),
      );
    const startMs = clock.monotonicMs();
    onLine(`building the image from ${build.dockerfile ?? 'the Dockerfile of the suite'}`);
    const { name: engine } = await daemon.engine(quickMs);
    const sent = streamContext(await openPackage(packageDigest), build, inputs);
    const query = queryOf(image, build, { platform, inputs, engine, installation });
    const limit = AbortSignal.timeout(buildLimitMs);
    const stop = AbortSignal.any([signal, limit]);
    const log = createBuildLog(onLine);
    try {
      const answer = await requestBuild(daemon, image, query, sent, stop);
      for await (const chunk of Readable.from(answer, { objectMode: false, signal: stop })) log.feed(chunk);
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = limit.aborted
        ? `it took longer than ${buildLimitMs / 60_000} minutes`
        : messageOf(error);
      throw notBuilt(build, log.failure() ?? reason, error);
    } finally {
      sent.destroy();
    }
    const failure = log.failure();
    if (failure !== null) throw notBuilt(build, failure);
    // An end is believed when it is seen.
    if (!(await isThere(image)))
      throw notBuilt(build, 'the engine said nothing of an error, and made no image');
    onLine(`built ${image} in ${((clock.monotonicMs() - startMs) / 1000).toFixed(1)} s`);
  }

  async function inputsOf({ build, packageDigest, platform }: WantedBuild, signal: AbortSignal | null) {
    const content = untilAborted(await openPackage(packageDigest), signal);
    const inputs = await readBuildInputs(content, { build, platform });
    return { inputs, image: `${repository}:${inputs.fingerprint}` };
  }

  return {
    async basesOf(wanted, signal) {
      const { inputs, image } = await inputsOf(wanted, signal);
      if (wanted.pull !== 'always' && (await isThere(image))) return [];
      return baseImages(inputs.dockerfile, wanted.build.args);
    },
    async ensure(wanted, signal, listener) {
      const { inputs, image } = await inputsOf(wanted, null);
      usedAt.set(image, clock.monotonicMs());
      if (wanted.pull !== 'always' && !running.isRunning(image) && (await isThere(image))) {
        listener.onLine(`the image is built already: ${image}`);
        return image;
      }
      await running.share(image, signal, listener, (all, stop) =>
        buildImage(image, wanted, inputs, all, stop),
      );
      await removeOldBuilds(context, installation, repository, isInUse);
      return image;
    },
  };

  function isInUse(tag: string): boolean {
    const leastMs = clock.monotonicMs() - usedForMs;
    for (const [image, atMs] of usedAt) if (atMs < leastMs) usedAt.delete(image);
    // Podman says `localhost/` before the name.
    return [...usedAt.keys()].some((image) => tag.endsWith(image));
  }
}

async function* untilAborted(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | null,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    signal?.throwIfAborted();
    yield chunk;
  }
}

function notBuilt({ dockerfile }: ImageBuild, reason: string, cause?: unknown): AppError {
  const of = dockerfile ?? 'the Dockerfile of the suite';
  return new AppError('image_missing', `The image of ${of} could not be built: ${reason.trim()}`, { cause });
}

/** The parameters of the call that builds an image. */
function queryOf(
  image: string,
  build: ImageBuild,
  {
    platform,
    inputs,
    engine,
    installation,
  }: { platform: string | null; inputs: BuildInputs; engine: string; installation: string },
) {
  return {
    t: image,
    dockerfile: inputs.dockerfileName,
    buildargs: JSON.stringify(build.args),
    labels: JSON.stringify({ [labelNames.installation]: installation }),
    rm: true,
    forcerm: true,
    ...(build.target === null ? {} : { target: build.target }),
    ...(platform === null ? {} : { platform }),
    // BuildKit, which knows what the Dockerfiles of today say.
    ...(engine === 'Docker' ? { version: '2' } : {}),
    // Podman 5.8.6 takes a layer of its cache also where the build argument that it depends on has another value.
    ...(engine === 'Podman' && /^[ \t]*ARG[ \t]/im.test(inputs.dockerfile) ? { nocache: true } : {}),
  };
}

/** Sends the context `sent`, and resolves with what the engine says of its build. */
async function requestBuild(
  daemon: Daemon,
  image: string,
  query: ReturnType<typeof queryOf>,
  sent: ReturnType<typeof streamContext>,
  stop: AbortSignal,
): Promise<NodeJS.ReadableStream> {
  return daemon.call(`build ${image}`, sendLimitMs, (docker, silence) => {
    const abortSignal = AbortSignal.any([stop, silence]);
    return new Promise<NodeJS.ReadableStream>((resolve, reject) => {
      docker.modem.dial(
        {
          path: '/build?',
          method: 'POST',
          file: sent,
          options: query,
          abortSignal,
          isStream: true,
          statusCodes: { 200: true, 400: 'bad parameter', 500: 'server error' },
        },
        (error: Error | null, stream: unknown) =>
          error ? reject(error) : resolve(stream as NodeJS.ReadableStream),
      );
    });
  });
}
