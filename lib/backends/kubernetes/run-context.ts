import type { Logger } from '../../model/logger';
import type { EnvironmentContext } from './environment-context';
import type { Packages } from './packages';
import type { PodWatch } from './pod-watch';
import type { ServerVersion } from './server-version';

/** `expiresAt` is RFC 3339. */
export type IssuePackageToken = (digest: string, expiresAt: string) => Promise<string>;

export interface RunContext extends EnvironmentContext {
  logger: Logger;
  watch: PodWatch;
  version: ServerVersion;
  packages: Packages;
  /** The text of a token for one download of this package over the API; absent where there is none. */
  issuePackageToken?: IssuePackageToken | undefined;
  ownerOf(executionId: string): string | null;
}
