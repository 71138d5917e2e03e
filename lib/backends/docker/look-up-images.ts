import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import { registryOf } from '../../model/image-reference';
import type { Logger } from '../../model/logger';
import type { PlannedNode } from '../../model/node';
import type { Plan } from '../../model/plan';
import type { Backend } from '../backend';
import { defaultImage } from '../container-facts';
import type { Daemon } from './daemon';
import type { Credentials } from './image-login';
import { hintAt, type Images, type WantedImage } from './images';
import { findNearImage } from './near-image';
import {
  createRegistryAnswers,
  openRegistryQuestions,
  type RegistryQuestions,
  TimeIsUp,
} from './registry-questions';

/** The time limit of a whole look-up. A launch waits for it. */
const limitMs = 4_000;
/** The most images that one look-up checks. Each is a request to the engine, and to its registry if it is missing. */
const maxLookedUp = 100;
const maxAtOnce = 8;

interface LookUp extends WantedImage {
  /** `never`: no step of the plan pulls it. */
  pull: PlannedNode['pull'];
  steps: string[];
}

interface LookUpDependencies {
  clock: Clock;
  logger: Logger;
  daemon: Daemon;
  images: Images;
  credentials: Credentials;
}

/** The settings of one look-up. */
interface Course {
  /** Null: registries are not asked. */
  questions: RegistryQuestions | null;
  /** Rejects with TimeIsUp once the time of the look-up is over. */
  inTime<T>(work: Promise<T>): Promise<T>;
}

/** Implements `Backend.missingImages`. It reports nothing about images on which the engine or registry gives no answer in time. */
export function createImageLookUp(deps: LookUpDependencies): NonNullable<Backend['missingImages']> {
  const { clock, logger } = deps;
  const answers = createRegistryAnswers(clock);
  return async (plan, registries) => {
    const over = new AbortController();
    const done = new AbortController();
    const isOver = clock.sleep(limitMs, done.signal).then(() => {
      over.abort();
      throw new TimeIsUp();
    });
    isOver.catch(() => undefined);
    const inTime = <T>(work: Promise<T>): Promise<T> => Promise.race([work, isOver]);
    const around = { limitMs, signal: over.signal, inTime };
    const questions = registries && openRegistryQuestions(deps, answers, registries.registryLogin, around);
    let isTold = false;
    try {
      const found = await forEach(imagesOf(plan).slice(0, maxLookedUp), async (image) => {
        try {
          return over.signal.aborted ? null : await lookUp(deps, image, { questions, inTime });
        } catch (error) {
          if (error instanceof TimeIsUp || isTold) return null;
          isTold = true;
          const { name } = image;
          logger.warn({ image: name, error: messageOf(error) }, 'images of a launch could not be looked up');
          return null;
        }
      });
      return found.filter((each) => each !== null);
    } finally {
      done.abort();
    }
  };
}

/** Maps the items with a limited number of calls at a time, and keeps their order. */
async function forEach<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: maxAtOnce }, worker));
  return results;
}

/** The images to look up. Names filled in when a step starts are unknown yet, and a digest was valid before. */
function imagesOf({ nodes }: Plan): LookUp[] {
  const known = new Map<string, LookUp>();
  for (const { id, image, pinnedImage, build, pull, container, templates } of nodes) {
    const isLate = templates?.some(({ at, parts }) => at[0] === 'image' && parts !== null) ?? false;
    const name = pinnedImage ?? image ?? defaultImage;
    if (build !== null || isLate || name.includes('@')) continue;
    const { platform } = container;
    const key = JSON.stringify([name, platform]);
    const entry = known.get(key) ?? { name, platform, pull, steps: [] };
    if (pull !== 'never') entry.pull = pull;
    entry.steps.push(id);
    known.set(key, entry);
  }
  return [...known.values()];
}

async function lookUp(
  { images, daemon }: LookUpDependencies,
  image: LookUp,
  { questions, inTime }: Course,
): Promise<string | null> {
  const { name, pull } = image;
  const absence = await inTime(images.whyAbsent(image, limitMs));
  if (absence === null) return null;
  const known = `${subjectOf(image)}: ${absence}`;
  const hint = hintAt(name, await inTime(findNearImage(daemon, name, limitMs)));
  if (pull === 'never') return `${known}, and the step says pull: never.${hint}`;
  if (questions === null) {
    return hint === '' ? null : `${known}, and would be pulled from ${registryOf(name)}.${hint}`;
  }
  const refusal = await questions.ask(image);
  return refusal === null ? null : `${known}, and ${refusal}.${hint}`;
}

function subjectOf({ name, steps }: LookUp): string {
  const shown = steps.slice(0, 3).map((id) => `\`${id}\``);
  const rest = steps.length > 3 ? ` and ${steps.length - 3} more` : '';
  return `The image ${name} of ${shown.join(', ')}${rest} is not there`;
}
