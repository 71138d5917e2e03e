import { AppError, messageOf } from '../model/errors';
import { explainUnusable, launchSource, type SecretReference } from '../model/secret';
import type { SecretSource, Secrets } from './secrets';

/** Secrets from places of these kinds: the word before the colon of a reference. */
export function openSecrets(sources: Record<string, SecretSource>): Secrets {
  const known = new Map(Object.entries(sources));

  async function find({ key, from }: SecretReference, signal: AbortSignal | undefined): Promise<string> {
    if (from === launchSource)
      throw new AppError('secret_missing', `the launch has to bring it: --secret ${key}=env:NAME`);
    const colon = from.indexOf(':');
    const kind = from.slice(0, colon);
    const source = known.get(kind);
    if (!source) {
      const kinds = [...known.keys()].map((each) => `${each}:`).join(', ');
      throw new AppError('secret_missing', `there is no source of secrets "${kind}:"; there are ${kinds}`);
    }
    const value = await source.find(from.slice(colon + 1), signal);
    const complaint = explainUnusable(value);
    if (complaint) throw new AppError('secret_missing', complaint);
    return value;
  }

  return {
    async resolve(references, signal) {
      const settled = await Promise.allSettled(references.map((reference) => find(reference, signal)));
      const problems = settled.flatMap((each, position) => {
        const { key, from } = references[position] ?? { key: '', from: '' };
        return each.status === 'rejected' ? [{ key, from, error: each.reason as unknown }] : [];
      });
      if (problems.length > 0) {
        const isAway = problems.every(({ error }) => codeOf(error) === 'secret_unavailable');
        const issues = problems.map(({ key, from, error }) => ({
          path: `secrets.${key}`,
          message: `${from}: ${messageOf(error)}`,
        }));
        const sentence = issues.map(({ path, message }) => `${path.slice(8)} (${message})`).join('; ');
        throw new AppError(
          isAway ? 'secret_unavailable' : 'secret_missing',
          `${problems.length === 1 ? 'A secret' : `${problems.length} secrets`} cannot be had: ${sentence}.`,
          { issues },
        );
      }
      return Object.fromEntries(
        settled.flatMap((each, position) =>
          each.status === 'fulfilled' ? [[references[position]?.key ?? '', each.value]] : [],
        ),
      );
    },
  };
}

function codeOf(error: unknown): string | null {
  return error instanceof AppError ? error.code : null;
}
