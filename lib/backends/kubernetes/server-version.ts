import { z } from 'zod';
import type { Cluster } from './cluster';

const answer = z.object({ gitVersion: z.string(), minor: z.string().default('') });

/** From this one on no kubelet, which may be three releases older, writes times into the middle of lines. */
const minorWithoutInnerTimes = 29;
const limitMs = 4_500;

/** What follows from the version of the API server, which is asked once. */
export interface ServerVersion {
  /** `v1.36.2`; null where it does not tell, for now. */
  text(): Promise<string | null>;
  /** Kubelets before 1.26 write a time before each piece of a long line. */
  hasInnerTimes(): Promise<boolean>;
}

export function createServerVersion(cluster: Cluster): ServerVersion {
  let known: Promise<z.infer<typeof answer>> | null = null;

  function ask(): Promise<z.infer<typeof answer>> {
    known ??= cluster
      .request('tell its version', '/version', { limitMs })
      .then((found) => answer.parse(found));
    known.catch(() => {
      known = null;
    });
    return known;
  }

  return {
    text: () =>
      ask().then(
        ({ gitVersion }) => gitVersion,
        () => null,
      ),
    hasInnerTimes: () =>
      ask().then(
        ({ minor }) => Number.parseInt(minor, 10) < minorWithoutInnerTimes,
        // Then the lines themselves tell.
        () => true,
      ),
  };
}

/** The oldest release that Gantry is tested with. */
const minTestedMinor = 20;

/** What an operator should know of a cluster of this version, `v1.36.2`; null where that is nothing. */
export function versionNote(gitVersion: string): string | null {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  if (major !== '1' || Number(minor) >= minTestedMinor) return null;
  return `it is older than 1.${minTestedMinor}, the oldest version that Gantry is tested with`;
}
