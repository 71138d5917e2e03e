import type { Clock } from '../../clock';
import type { StepSpec } from '../../model/step-spec';
import type { StepWatch } from '../backend';
import { defaultImage } from '../container-facts';
import { isUnpinnable, warnUnpinned } from '../unpinned';
import type { Builds } from './build/builds';
import type { Images } from './images';

/** Each phase is an event that is stored. */
const phaseIntervalMs = 2_000;

/** What the container of an attempt is made of. */
export interface ProvidedImage {
  name: string;
  /** For this very attempt: its registry has it. */
  wasPulled: boolean;
  /** What a person should know of it. */
  warnings: string[];
}

/** Resolves once the image is there: pulled or built where it must be, by its name where the pinned one cannot be had. */
export async function provideImage(
  context: { clock: Clock; images: Images; builds: Builds },
  { node, namedImage }: StepSpec,
  watch: StepWatch,
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
      if (!/^\d+ %$/.test(detail)) log(`pulling ${name}: ${detail}`);
    });
    return { name, wasPulled, warnings };
  };
  const name = node.image ?? defaultImage;
  try {
    return await ensure(name);
  } catch (error) {
    if (watch.signal.aborted || namedImage === undefined || !isUnpinnable(error)) throw error;
    const warning = warnUnpinned(namedImage, error);
    log(warning);
    return ensure(namedImage, [warning]);
  }
}
