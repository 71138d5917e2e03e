import { Readable } from 'node:stream';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { PlannedNode } from '../../model/node';
import { type Daemon, isUnreachable, quickMs, refusalStatus } from './daemon';
import { createPullProgress } from './pull-progress';

export interface Images {
  /**
   * Resolves when the image is there, having pulled it if the policy says so. Rejects with AppError
   * `image_missing` and the registry's own reason.
   */
  ensure(
    image: string,
    pull: PlannedNode['pull'],
    signal: AbortSignal,
    onProgress: (detail: string) => void,
  ): Promise<void>;
}

/** A step a moment later need not ask again. */
const presentForMs = 10_000;
const backoffMs = [500, 2_000];
/** Most that a daemon may be silent while it pulls. */
const pullSilenceMs = 120_000;

export function createImages({ clock, daemon }: { clock: Clock; daemon: Daemon }): Images {
  const presentUntil = new Map<string, number>();

  async function isPresent(image: string): Promise<boolean> {
    if ((presentUntil.get(image) ?? 0) > clock.monotonicMs()) return true;
    try {
      await daemon.call(`look at the image ${image}`, quickMs, (docker) => docker.getImage(image).inspect());
    } catch (error) {
      if (refusalStatus(error) === 404) return false;
      throw error;
    }
    presentUntil.set(image, clock.monotonicMs() + presentForMs);
    return true;
  }

  async function pullOnce(image: string, signal: AbortSignal, onProgress: (detail: string) => void) {
    const progress = createPullProgress({ clock }, onProgress);
    const abort = new AbortController();
    const stop = AbortSignal.any([signal, abort.signal]);
    const stream = await daemon.call(`pull ${image}`, pullSilenceMs, (docker, silence) =>
      docker.createImage({
        ...referenceOf(image),
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

  async function pull(image: string, signal: AbortSignal, onProgress: (detail: string) => void) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await pullOnce(image, signal, onProgress);
        presentUntil.set(image, clock.monotonicMs() + presentForMs);
        return;
      } catch (error) {
        if (signal.aborted || isUnreachable(error)) throw error;
        const status = refusalStatus(error);
        const retryMs = status === null || status === 429 || status >= 500 ? backoffMs[attempt] : undefined;
        if (retryMs === undefined) throw imageMissing(image, reasonOf(error), error);
        onProgress(`again in ${retryMs / 1000} s: ${reasonOf(error)}`);
        await clock.sleep(retryMs, signal);
      }
    }
  }

  return {
    async ensure(image, policy, signal, onProgress) {
      if (policy === 'always') return pull(image, signal, onProgress);
      if (await isPresent(image)) return;
      if (policy === 'missing') return pull(image, signal, onProgress);
      throw imageMissing(image, 'it is not on this Docker daemon and the step says pull: never', undefined);
    },
  };
}

class PullFailure extends Error {}

function imageMissing(image: string, reason: string, cause: unknown): AppError {
  const hint = image.startsWith('gantry/toolbox') ? ' Make it with: npm run toolbox' : '';
  return new AppError('image_missing', `The image ${image} is not there: ${reason}.${hint}`, { cause });
}

function reasonOf(error: unknown): string {
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
