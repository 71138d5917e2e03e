import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { LookedUpImage, LookUpImages } from '../../model/image-look-up';
import { registryOf } from '../../model/image-reference';
import type { Logger } from '../../model/logger';
import { missingImage } from '../images-to-look-up';
import { hintAt, isDoubtful } from '../near-image';
import type { Daemon } from './daemon';
import type { Credentials } from './image-login';
import type { Images } from './images';
import { findNearImage } from './near-image';
import {
  createRegistryAnswers,
  openRegistryQuestions,
  type RegistryQuestions,
  TimeIsUp,
} from './registry-questions';

/** The time limit of a whole look-up. A launch waits for it. */
const limitMs = 4_000;
const maxAtOnce = 8;

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
export function createImageLookUp(deps: LookUpDependencies): LookUpImages {
  const { clock, logger } = deps;
  const answers = createRegistryAnswers(clock);
  return async (wanted, registries) => {
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
      return await forEach(wanted, async (image) => {
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

async function lookUp(
  { images, daemon }: LookUpDependencies,
  image: LookedUpImage,
  { questions, inTime }: Course,
): Promise<string | null> {
  const { name, pull } = image;
  const absence = await inTime(images.whyAbsent(image, limitMs));
  if (absence === null) return null;
  const known = `${missingImage(image)}: ${absence}`;
  const near = await inTime(findNearImage(daemon, name, limitMs));
  const hint = hintAt(name, near);
  if (pull === 'never') return `${known}, and the step says pull: never.${hint}`;
  if (questions === null || !(await questions.canAsk())) {
    return isDoubtful(name, near) ? `${known}, and would be pulled from ${registryOf(name)}.${hint}` : null;
  }
  const refusal = await questions.ask(image);
  return refusal === null ? null : `${known}, and ${refusal}.${hint}`;
}
