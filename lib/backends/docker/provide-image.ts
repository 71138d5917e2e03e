import type { Clock } from '../../clock';
import type { StepSpec } from '../../model/step-spec';
import type { StepWatch } from '../backend';
import { defaultImage } from '../container-facts';
import { fallbackWarning, mayFallBackToName } from '../pinned-image';
import type { Builds } from './build/builds';
import type { Images } from './images';
import { isPullShare } from './pull-progress';

/** Each phase is an event that is stored. */
const phaseIntervalMs = 2_000;

/** The image that the container of an attempt is created from. */
export interface ProvidedImage {
  name: string;
  /** This process pulled it, for this attempt or before, so its registry has it. */
  wasPulled: boolean;
  /** Warnings for the result of the step. */
  warnings: string[];
}

/** Pulls or builds the image if needed. Falls back from a pinned image to its name, see `mayFallBackToName`. */
export async function provideImage(
  context: { clock: Clock; images: Images; builds: Builds },
  { node, namedImage }: StepSpec,
  watch: Pick<StepWatch, 'signal' | 'onPhase' | 'registryLogin'>,
  log: (text: string) => void,
): Promise<ProvidedImage> {
  const { packageDigest, build, pull } = node;
  const { platform } = node.container;
  const { registryLogin } = watch;
  if (build !== null) {
    watch.onPhase({ name: 'building', detail: null });
    let toldAtMs = context.clock.monotonicMs();
    const made = { build, packageDigest, platform, pull, registryLogin };
    const name = await context.builds.ensure(made, watch.signal, {
      onLine(line) {
        log(line);
        const nowMs = context.clock.monotonicMs();
        if (nowMs - toldAtMs < phaseIntervalMs) return;
        toldAtMs = nowMs;
        watch.onPhase({ name: 'building', detail: line });
      },
      onProgress: (detail) => watch.onPhase({ name: 'pulling', detail }),
    });
    return { name, wasPulled: false, warnings: [] };
  }
  const ensure = async (name: string, warnings: string[] = []): Promise<ProvidedImage> => {
    const wanted = { name, platform, registryLogin };
    const wasPulled = await context.images.ensure(wanted, pull, watch.signal, (detail) => {
      watch.onPhase({ name: 'pulling', detail });
      if (!isPullShare(detail)) log(`pulling ${name}: ${detail}`);
    });
    return { name, wasPulled, warnings };
  };
  const name = node.image ?? defaultImage;
  try {
    return await ensure(name);
  } catch (error) {
    if (watch.signal.aborted || namedImage === undefined || !mayFallBackToName(error)) throw error;
    const warning = fallbackWarning(namedImage, error);
    log(warning);
    return ensure(namedImage, [warning]);
  }
}
