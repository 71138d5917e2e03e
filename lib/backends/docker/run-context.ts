import type { Clock } from '../../clock';
import type { Hardening } from '../../model/hardening';
import type { Logger } from '../../model/logger';
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
