import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import { registryOf } from '../../model/image-reference';
import type { PlannedNode } from '../../model/node';
import type { StepWatch } from '../backend';
import { hintAt, type NearImage } from '../near-image';
import { classifyPull, explainPull, ImageMissing, type PullRefusal } from '../pull-refusal';
import { type Daemon, isUnreachable, quickMs, refusalStatus } from './daemon';
import { type Credentials, findImageLogin, type ImageLogin } from './image-login';
import { findNearImage } from './near-image';
import { createPullProgress } from './pull-progress';
import { createSharedPulls, type Pull } from './shared-pulls';

export interface Images {
  /**
   * Resolves when the image is there, having pulled it if the policy says so, with whether it was pulled: by this call, or
   * before by this process, if it is still the same image. Calls for the same image share a pull that is under way.
   * Rejects with AppError `image_missing` and the registry's own reason.
   */
  ensure(
    image: WantedImage,
    pull: PlannedNode['pull'],
    signal: AbortSignal,
    onProgress: (detail: string) => void,
  ): Promise<boolean>;
  /** Resolves with why the image is not there, or null. Nothing is pulled. */
  whyAbsent(image: WantedImage, limitMs: number): Promise<string | null>;
}

export interface WantedImage {
  name: string;
  /** Such as `linux/arm64`; null: the engine's own. */
  platform: string | null;
  /** The platform's login for a host; asked for when it is pulled, before what `docker login` left on this machine. */
  registryLogin?: StepWatch['registryLogin'];
}

/** A step a moment later need not ask again. */
const presentForMs = 10_000;
const backoffMs = [500, 2_000];
/** Most that a daemon may be silent while it pulls. */
const pullSilenceMs = 120_000;

export function createImages({
  clock,
  daemon,
  credentials,
}: {
  clock: Clock;
  daemon: Daemon;
  credentials: Credentials;
}): Images {
  const present = new Map<string, { id: string; untilMs: number }>();
  /** The ids of the images that this process pulled, by what was wanted. */
  const pulledIds = new Map<string, string>();
  const pulls = createSharedPulls({ mayPassForOthers: isAboutLogin });

  async function look(wanted: WantedImage, limitMs: number): Promise<{ id: string } | { absence: string }> {
    const { name, platform } = wanted;
    const known = present.get(keyOf(wanted));
    if (known && known.untilMs > clock.monotonicMs()) return known;
    try {
      // An answer that is no description of an image is the engine's failure, as a refusal is.
      const found = await daemon.call(`look at the image ${name}`, limitMs, async (docker) =>
        inspected.parse(await docker.getImage(name).inspect()),
      );
      if (platform !== null && !isPlatform(platform, found)) {
        const absence = `the one on this ${daemon.name} daemon is made for ${found.Os}/${found.Architecture}, not for ${platform}`;
        return { absence };
      }
      present.set(keyOf(wanted), { id: found.Id, untilMs: clock.monotonicMs() + presentForMs });
      return { id: found.Id };
    } catch (error) {
      if (refusalStatus(error) === 404) return { absence: `it is not on this ${daemon.name} daemon` };
      throw error;
    }
  }

  async function rememberPulled(wanted: WantedImage): Promise<void> {
    present.delete(keyOf(wanted));
    try {
      const found = await look(wanted, quickMs);
      if ('id' in found) pulledIds.set(keyOf(wanted), found.id);
    } catch (error) {
      // The pull has succeeded. What is wrong with the engine is reported by whoever uses the image.
      if (!(error instanceof AppError)) throw error;
    }
  }

  async function pullOnce(
    { name: image, platform }: WantedImage,
    login: ImageLogin | null,
    signal: AbortSignal,
    onProgress: (detail: string) => void,
  ) {
    const progress = createPullProgress({ clock }, onProgress);
    const abort = new AbortController();
    const stop = AbortSignal.any([signal, abort.signal]);
    const stream = await daemon.call(`pull ${image}`, pullSilenceMs, (docker, silence) =>
      docker.createImage(login?.authconfig ?? {}, {
        ...referenceOf(image),
        ...(platform === null ? {} : { platform }),
        abortSignal: AbortSignal.any([stop, silence]),
      }),
    );
    const body = Readable.from(stream, { objectMode: false, signal: stop });
    const watchdog = progress.silentFor(pullSilenceMs, stop).then((silent) => {
      if (silent) body.destroy(new Error(`nothing came for ${pullSilenceMs / 1000} s`));
    });
    try {
      for await (const chunk of body) progress.feed(String(chunk));
    } finally {
      abort.abort();
      await watchdog;
    }
    const failure = progress.failure();
    if (failure) throw new PullFailure(failure);
  }

  async function pull(
    wanted: WantedImage,
    signal: AbortSignal,
    onProgress: (detail: string) => void,
  ): Promise<true> {
    const { name: image, platform } = wanted;
    const login = await findImageLogin(credentials, image, wanted.registryLogin);
    for (let attempt = 0; ; attempt += 1) {
      try {
        await pullOnce(wanted, login, signal, onProgress);
        break;
      } catch (error) {
        if (signal.aborted || isUnreachable(error)) throw error;
        const status = refusalStatus(error);
        const kind = classifyPull(status, reasonOf(error));
        const mayPass = kind === 'rate_limited' || (kind === 'unknown' && (status === null || status >= 500));
        const retryMs = mayPass ? backoffMs[attempt] : undefined;
        if (retryMs === undefined) {
          const { architecture } = await daemon.engine(quickMs);
          const around = {
            image,
            host: registryOf(image),
            login: login?.origin ?? null,
            said: reasonOf(error),
            platform: platform ?? `linux/${architecture}, which the engine runs`,
          };
          const near =
            kind === 'missing' || kind === 'unknown' ? await findNearImage(daemon, image, quickMs) : null;
          throw imageMissing(kind, image, explainPull(kind, around), reasonOf(error), near, error);
        }
        onProgress(`again in ${retryMs / 1000} s: ${reasonOf(error)}`);
        await clock.sleep(retryMs, signal);
      }
    }
    await rememberPulled(wanted);
    return true;
  }

  function wasPulled(wanted: WantedImage, { id }: { id: string }): boolean {
    return pulledIds.get(keyOf(wanted)) === id;
  }

  return {
    async whyAbsent(wanted, limitMs) {
      const found = await look(wanted, limitMs);
      return 'absence' in found ? found.absence : null;
    },
    async ensure(wanted, policy, signal, onProgress) {
      const share = (work: Pull) => pulls.run(keyOf(wanted), work, { signal, onProgress });
      if (policy === 'always') return share((stop, report) => pull(wanted, stop, report));
      const found = await look(wanted, quickMs);
      if ('id' in found) return wasPulled(wanted, found);
      if (policy === 'missing') {
        return share(async (stop, report) => {
          // A pull that ended after the look has brought it.
          const brought = await look(wanted, quickMs);
          return 'id' in brought ? wasPulled(wanted, brought) : pull(wanted, stop, report);
        });
      }
      throw imageMissing(
        'missing',
        wanted.name,
        `The image ${wanted.name} is not there`,
        `${found.absence} and the step says pull: never`,
        await findNearImage(daemon, wanted.name, quickMs),
      );
    },
  };
}

function keyOf({ name, platform }: WantedImage): string {
  return `${platform ?? ''} ${name}`;
}

const inspected = z.object({
  Id: z.string(),
  Os: z.string().catch('linux'),
  Architecture: z.string().catch(''),
});

/** The variant, as in `linux/arm/v7`, is left to the engine: few images tell theirs. */
function isPlatform(platform: string, found: z.infer<typeof inspected>): boolean {
  return platform.split('/').slice(0, 2).join('/') === `${found.Os}/${found.Architecture}`;
}

class PullFailure extends Error {}

/** Whoever has another login may be answered in another way. */
function isAboutLogin(error: unknown): boolean {
  return error instanceof ImageMissing && error.kind === 'not_allowed';
}

function imageMissing(
  kind: PullRefusal,
  image: string,
  sentence: string,
  reason: string,
  near: NearImage | null,
  cause?: unknown,
): AppError {
  return new ImageMissing(kind, `${sentence}: ${reason}.${hintAt(image, near)}`, { cause });
}

/** The engine's own words, without a full stop. */
export function reasonOf(error: unknown): string {
  const said = error instanceof Error && 'said' in error ? String(error.said) : messageOf(error);
  return said.trim().replace(/\.$/, '');
}

/** `name`, `name:tag`, `host:5000/name:tag` or `name@sha256:…`; without a tag Docker would pull every one. */
function referenceOf(image: string): { fromImage: string; tag?: string } {
  if (image.includes('@')) return { fromImage: image };
  const colon = image.lastIndexOf(':');
  if (colon > image.lastIndexOf('/'))
    return { fromImage: image.slice(0, colon), tag: image.slice(colon + 1) };
  return { fromImage: image, tag: 'latest' };
}
