import type { Logger } from '../../model/logger';
import type { EnvironmentContext } from './environment-context';
import type { Packages } from './packages';
import type { PodWatch } from './pod-watch';

export interface RunContext extends EnvironmentContext {
  logger: Logger;
  watch: PodWatch;
  packages: Packages;
  ownerOf(executionId: string): string | null;
}
