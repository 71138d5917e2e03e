import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';

/** Does what is tried again later anyway: a failure is logged, and answered with null. */
export async function warnOnFailure<T>(
  { logger }: { logger: Logger },
  message: string,
  action: () => Promise<T>,
): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    logger.warn({ error: messageOf(error) }, message);
    return null;
  }
}
