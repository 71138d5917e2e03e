import type { Clock } from '../../clock';
import type { Hardening } from '../../model/hardening';
import type { Logger } from '../../model/logger';
import type { StepSpec } from '../../model/step-spec';
import type { OpenPackage, ResourceLedger } from '../backend';
import type { Builds } from './build/builds';
import type { Daemon } from './daemon';
import type { FilledVolumes } from './filled-volumes';
import type { ImageFactsReader } from './image-facts';
import type { Images } from './images';

export interface RunContext {
  clock: Clock;
  logger: Logger;
  daemon: Daemon;
  images: Images;
  readImageFacts: ImageFactsReader;
  builds: Builds;
  volumes: FilledVolumes;
  openPackage: OpenPackage;
  ledger: ResourceLedger;
  installation: string;
  hardening: Hardening;
  ownerOf(executionId: string): string | null;
  onCreated(executionId: string, kind: 'container', name: string, id: string): void;
}

/** Returns what makes the context of a step from the parts that all steps of a backend share. */
export function createRunContexts(
  shared: Omit<RunContext, 'hardening'>,
  hardening: Hardening | undefined,
): (step: StepSpec) => RunContext {
  return (step) => ({ ...shared, hardening: hardening ?? step.hardening ?? 'standard' });
}
