import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { Hardening } from '../../model/hardening';
import type { Logger } from '../../model/logger';
import { type Availability, type Backend, noLedger, type OpenPackage, type ResourceLedger } from '../backend';
import { explainCapabilities } from '../capabilities';
import { environmentName } from '../labels';
import { createAheadContainers } from './ahead';
import { createBuilds } from './build/builds';
import { type Daemon, openDaemon } from './daemon';
import { createEarlyPulls } from './early-pulls';
import { execInContainer } from './exec';
import { createFilledVolumes } from './filled-volumes';
import { createImageFactsReader } from './image-facts';
import type { Credentials } from './image-login';
import { createImages } from './images';
import { listEnvironments } from './inventory';
import { readLastLines } from './last-lines';
import { createImageLookUp } from './look-up-images';
import { countFreeNetworks, type NetworkPool, openNetwork, parsePool, poolExhausted } from './networks';
import { removeEnvironment, resourceKey } from './removal';
import { createRunContexts } from './run-context';
import { runStep } from './run-step';
import { createUsageReader } from './usage';
import { watchEnvironments } from './watch-environments';
import { createWatchdogs } from './watchdog';

const defaultSubnets = '10.213.0.0/16';
const checkLimitMs = 4_500;

export interface DockerBackendDependencies {
  clock: Clock;
  logger: Logger;
  openPackage: OpenPackage;
  ledger?: ResourceLedger;
  credentials?: Credentials;
}

export interface DockerBackendOptions {
  id: string;
  installation: string;
  /** The IPv4 range from which executions get their networks; one that cannot be read makes the backend unavailable. */
  subnets?: string;
  /** With it every execution has a watchdog beside it. */
  watchdogSocket?: string | null;
  /** Absent: the one of DOCKER_HOST, else the local socket. */
  host?: string;
  /** Absent: as each step's spec says. */
  hardening?: Hardening;
}

/** Runs steps on a container engine. */
export function createDockerBackend(
  {
    clock,
    logger,
    openPackage,
    ledger = noLedger,
    credentials = async () => null,
  }: DockerBackendDependencies,
  {
    id,
    installation,
    subnets = defaultSubnets,
    watchdogSocket = null,
    host,
    hardening,
  }: DockerBackendOptions,
): Backend {
  const daemon = openDaemon({ clock }, host);
  const owners = new Map<string, string>();
  const made = new Map<string, Set<string>>();

  const onCreated = (
    executionId: string,
    kind: 'container' | 'network' | 'volume',
    name: string,
    id = name,
  ) => {
    made.set(executionId, (made.get(executionId) ?? new Set()).add(resourceKey(kind, id)));
    ledger.made(executionId, kind, name);
  };

  const images = createImages({ clock, daemon, credentials });
  const readImageFacts = createImageFactsReader({ clock, daemon });
  const builds = createBuilds({ clock, logger, daemon, images, openPackage }, installation);
  const watchdogs =
    watchdogSocket === null
      ? null
      : createWatchdogs({ daemon, ledger }, { installation, socket: watchdogSocket }, onCreated);
  const readUsage = createUsageReader({ clock, daemon });
  const volumes = createFilledVolumes({ clock, daemon, ledger }, installation, onCreated);
  const ahead = createAheadContainers();
  const contextOf = createRunContexts(
    {
      ...{ clock, logger, daemon, ledger, openPackage, installation },
      ...{ images, readImageFacts, builds, volumes },
      ownerOf: (executionId) => owners.get(executionId) ?? null,
      onCreated,
    },
    hardening,
  );

  return {
    id,
    kind: 'local',
    hardening: hardening ?? 'standard',
    check: () => check(daemon, subnets),
    refuses: (plan) => explainCapabilities(plan, hardening ?? 'standard', id),
    missingImages: createImageLookUp({ clock, logger, daemon, images, credentials }),
    pullImages: createEarlyPulls({ images, builds, logger }),

    async openEnvironment(environment) {
      const { executionId } = environment;
      owners.set(executionId, environment.owner);
      await ledger.intend(executionId, [
        { kind: 'network', name: environmentName(executionId), stepId: null, attempt: null },
      ]);
      const { created, name } = await openNetwork(daemon, readPool(subnets), installation, environment);
      if (created) onCreated(executionId, 'network', name);
      else await ahead.removeLeft({ daemon, ledger, installation, logger }, executionId);
      await watchdogs?.start(environment);
    },

    runStep: (step, watch) => runStep({ ...contextOf(step), ahead }, step, watch),
    prepareStep: (step, watch) => ahead.prepare(contextOf(step), step, watch),
    discardStep: (step) => ahead.discard(step),

    async closeEnvironment(executionId, onRemoved) {
      const known = made.get(executionId) ?? new Set<string>();
      const target = { installation, executionId, known };
      // What is still being made would be there after the removal, and nobody would look again.
      await ahead.forget(executionId);
      await volumes.forget(executionId);
      const receipt = await removeEnvironment({ clock, daemon }, target, onRemoved);
      owners.delete(executionId);
      made.delete(executionId);
      if (receipt.left.length > 0)
        logger.warn({ executionId, left: receipt.left }, 'an environment is not gone');
      return receipt;
    },

    listEnvironments: () => listEnvironments(daemon, installation),
    renewEnvironment: async (executionId, until) => watchdogs?.renew(executionId, until),
    watchEnvironments: (onChange, signal) => watchEnvironments(daemon, installation, onChange, signal),
    exec: (executionId, container, command, onOutput, signal) =>
      execInContainer(daemon, { installation, executionId, container }, command, onOutput, signal),
    readLastLines: (executionId, container, lines) =>
      readLastLines(daemon, { installation, executionId, container }, lines),
    readUsage: (_executionId, container) => readUsage(container),
  };
}

async function check(daemon: Daemon, subnets: string): Promise<Availability> {
  try {
    const pool = readPool(subnets);
    const [{ name, version }, { free, all }] = await Promise.all([
      daemon.engine(checkLimitMs, true),
      countFreeNetworks(daemon, pool, checkLimitMs),
    ]);
    if (free === 0) return { available: false, reason: poolExhausted(pool, all) };
    return { available: true, detail: `${name} ${version}, ${free} of ${all} networks free` };
  } catch (error) {
    return { available: false, reason: messageOf(error) };
  }
}

function readPool(subnets: string): NetworkPool {
  try {
    return parsePool(subnets);
  } catch (error) {
    throw new AppError('backend_unavailable', `GANTRY_SUBNETS: ${messageOf(error)}`, { cause: error });
  }
}
