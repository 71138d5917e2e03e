import type { Clock } from '../../clock';
import { registryOf } from '../../model/image-reference';
import type { PlannedNode } from '../../model/node';
import type { Plan } from '../../model/plan';
import type { Backend, MissingImage } from '../backend';
import { defaultImage } from '../container-facts';
import { classifyPull, explainPull } from '../pull-refusal';
import { type Daemon, DaemonSilence, isUnreachable, refusalStatus } from './daemon';
import { type Credentials, findImageLogin } from './image-login';
import { hintAt, type Images, reasonOf, type WantedImage } from './images';
import { findNearImage } from './near-image';

/** A launch waits for it. */
const limitMs = 4_000;
/** Of one launch. Each is a request, and one more to its registry where it is not here. */
const maxLookedUp = 100;
const answerLifetimeMs = 30_000;

interface LookUp extends WantedImage {
  pull: PlannedNode['pull'];
  steps: string[];
}

interface LookUpDependencies {
  clock: Clock;
  daemon: Daemon;
  images: Images;
  credentials: Credentials;
}

/** See `Backend.missingImages`. What an engine or a registry does not tell in time is not known, and nothing is said of it. */
export function createImageLookUp(deps: LookUpDependencies): NonNullable<Backend['missingImages']> {
  const answers = new Map<string, { atMs: number; answer: Promise<string | null> }>();

  /** What a registry said a moment ago counts: it counts questions as pulls, and the launch page asks at every change. */
  function ask(image: LookUp): Promise<string | null> {
    const now = deps.clock.monotonicMs();
    for (const [key, { atMs }] of answers) if (now - atMs > answerLifetimeMs) answers.delete(key);
    const key = JSON.stringify([image.name, image.platform]);
    const answer = answers.get(key)?.answer ?? askRegistry(deps, image);
    if (!answers.has(key)) answers.set(key, { atMs: now, answer });
    return answer;
  }

  return async (plan, registryLogin) => {
    const wanted = imagesOf(plan).slice(0, maxLookedUp);
    const found = await Promise.all(wanted.map((image) => lookUp(deps, { ...image, registryLogin }, ask)));
    return found.filter((each) => each !== null);
  };
}

function imagesOf({ nodes }: Plan): LookUp[] {
  const known = new Map<string, LookUp>();
  for (const { id, image, pinnedImage, build, pull, container, templates } of nodes) {
    const isLate = templates?.some(({ at, parts }) => at[0] === 'image' && parts !== null) ?? false;
    if (build !== null || isLate) continue;
    const name = pinnedImage ?? image ?? defaultImage;
    const { platform } = container;
    const key = JSON.stringify([name, platform, pull]);
    const entry = known.get(key) ?? { name, platform, pull, steps: [] };
    entry.steps.push(id);
    known.set(key, entry);
  }
  return [...known.values()];
}

async function lookUp(
  deps: LookUpDependencies,
  image: LookUp,
  ask: (image: LookUp) => Promise<string | null>,
): Promise<MissingImage | null> {
  const { name, pull } = image;
  try {
    const absence = await deps.images.whyAbsent(image, limitMs);
    if (absence === null) return null;
    const near = await findNearImage(deps.daemon, name);
    const known = `${subjectOf(image)}: ${absence}`;
    if (pull === 'never') {
      return { sentence: `${known}, and the step says pull: never.${hintAt(name, near)}`, isCertain: true };
    }
    const refusal = await ask(image);
    if (refusal === null) return null;
    return { sentence: `${known}, and ${refusal}.${hintAt(name, near)}`, isCertain: false };
  } catch (error) {
    if (isUnreachable(error) || refusalStatus(error) !== null) return null;
    throw error;
  }
}

function subjectOf({ name, steps }: LookUp): string {
  const shown = steps.slice(0, 3).map((id) => `\`${id}\``);
  const rest = steps.length > 3 ? ` and ${steps.length - 3} more` : '';
  return `The image ${name} of ${shown.join(', ')}${rest} is not there`;
}

/** Why its registry will not give it, as the end of a sentence; null where it will, or where that is not known. */
async function askRegistry(
  { daemon, credentials }: LookUpDependencies,
  { name, platform, registryLogin }: LookUp,
): Promise<string | null> {
  const host = registryOf(name);
  const engine = await daemon.engine(limitMs);
  // Podman has no such request.
  if (engine.name !== 'Docker') return null;
  const login = await findImageLogin(credentials, name, registryLogin).catch(() => null);
  try {
    await daemon.call(`ask ${host} for ${name}`, limitMs, (docker) =>
      docker.getImage(name).distribution({ authconfig: login?.authconfig }),
    );
    return null;
  } catch (error) {
    if (error instanceof DaemonSilence) {
      return `${host} did not tell within ${limitMs / 1000} s whether it has it${aboutHost(name, host)}`;
    }
    const status = refusalStatus(error);
    if (status === null) throw error;
    const said = reasonOf(error);
    const kind = classifyPull(status, said);
    if (kind === 'missing') return `${host} does not have it${aboutHost(name, host)}`;
    if (kind === 'unknown') return `${host} did not tell whether it has it${aboutHost(name, host)}: ${said}`;
    const around = { image: name, host, login: login?.origin ?? null, said };
    const sentence = explainPull(kind, { ...around, platform: platform ?? `linux/${engine.architecture}` });
    return `${sentence.replace(/^The image \S+ /, 'it ')}: ${said}`;
  }
}

/** People take the first word of a name for a registry. */
function aboutHost(name: string, host: string): string {
  const [first = ''] = name.split('/', 1);
  return host === 'docker.io' && name.includes('/') && first !== 'docker.io'
    ? ` (\`${first}\` is no registry: only a name with a dot or a port is)`
    : '';
}
