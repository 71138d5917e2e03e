import { AppError } from '../model/errors';
import type { SecretSeal, SecretSource } from './secrets';

/** `launch:EXECUTION/KEY`: what was brought to the launch of an execution, as long as it is kept. */
export function createLaunchSource(
  seal: SecretSeal,
  findSealed: (executionId: string, key: string) => Promise<Uint8Array | null>,
): SecretSource {
  return {
    async find(place) {
      const slash = place.indexOf('/');
      const sealed = await findSealed(place.slice(0, slash), place.slice(slash + 1));
      if (!sealed)
        throw new AppError('secret_missing', 'what the launch brought is removed when the execution is over');
      return seal.open(sealed, place);
    },
  };
}
