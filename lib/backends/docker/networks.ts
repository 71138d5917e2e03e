import { z } from 'zod';
import { AppError } from '../../model/errors';
import type { EnvironmentSpec } from '../backend';
import { environmentLabels, environmentName, labelNames } from '../labels';
import { type Daemon, DaemonRefusal, slowMs } from './daemon';
import { type ListedNetwork, listNetworks } from './listings';
import {
  formatSubnet,
  freeSubnets,
  headroom,
  hostSubnets,
  overlaps,
  parseSubnet,
  type Subnet,
} from './subnets';

export interface NetworkPool {
  range: Subnet;
  /** Prefix of an ordinary execution's subnet. */
  prefix: number;
}

/** A range smaller than a /26 is one subnet by itself. */
export function parsePool(range: string): NetworkPool {
  const parsed = parseSubnet(range);
  return { range: parsed, prefix: Math.max(26, parsed.prefix) };
}

export async function countFreeNetworks(
  daemon: Daemon,
  pool: NetworkPool,
  limitMs: number,
): Promise<{ free: number; all: number }> {
  return headroom(pool.range, pool.prefix, await usedSubnets(await listNetworks(daemon, {}, limitMs)));
}

export function poolExhausted(pool: NetworkPool, all: number): string {
  return (
    `All ${all} subnets of ${formatSubnet(pool.range)} are in use: reap environments that have ended, ` +
    'or set GANTRY_SUBNETS to another or larger range.'
  );
}

/**
 * The execution's own bridge network; finds the one that an earlier call made. Safe against other processes that
 * take subnets at the same time: the daemon refuses an overlap, and the next one is tried.
 */
export async function openNetwork(
  daemon: Daemon,
  pool: NetworkPool,
  installation: string,
  environment: EnvironmentSpec,
): Promise<{ created: boolean; name: string }> {
  const { executionId } = environment;
  const name = environmentName(executionId);
  const networks = await listNetworks(daemon);
  if (isThere(networks, name, installation, executionId)) return { created: false, name };
  const used = await usedSubnets(networks);
  const prefix = prefixFor(environment.services.length, pool);
  let unexplained = 0;
  for (const subnet of freeSubnets(pool.range, prefix, used, executionId)) {
    try {
      await createNetwork(daemon, name, subnet, environmentLabels(installation, environment));
      return { created: true, name };
    } catch (error) {
      if (!(error instanceof DaemonRefusal)) throw error;
      const now = await listNetworks(daemon);
      if (isThere(now, name, installation, executionId)) return { created: false, name };
      // What is there tells that the subnet is taken, whatever the engine calls it: Docker says 403, Podman 500.
      if ((await usedSubnets(now)).some((each) => overlaps(each, subnet))) continue;
      // Docker says 403 also where a route of its own machine is in the way.
      unexplained += 1;
      if (error.status !== 403 || unexplained > maxUnexplained) throw error;
    }
  }
  const { all } = headroom(pool.range, prefix, used);
  throw new AppError('backend_unavailable', poolExhausted(pool, all));
}

const maxUnexplained = 16;

async function createNetwork(
  daemon: Daemon,
  name: string,
  subnet: Subnet,
  labels: Record<string, string>,
): Promise<void> {
  await daemon.call(`make the network ${name}`, slowMs, async (docker) => {
    const network = await docker.createNetwork({
      Name: name,
      Driver: 'bridge',
      CheckDuplicate: true,
      IPAM: { Driver: 'default', Config: [{ Subnet: formatSubnet(subnet) }] },
      Labels: labels,
    });
    return madeNetwork.parse({ id: network.id });
  });
}

const madeNetwork = z.object({ id: z.string().min(1) });

/** Every service keeps an address all the time; steps that come and go need some more. */
function prefixFor(services: number, pool: NetworkPool): number {
  const addresses = services + 32;
  const prefix = 32 - Math.ceil(Math.log2(addresses + 3));
  return Math.max(pool.range.prefix, Math.min(pool.prefix, prefix));
}

/** Throws AppError `backend_failed` when a network of that name is there that is not the execution's. */
function isThere(
  networks: readonly ListedNetwork[],
  name: string,
  installation: string,
  executionId: string,
): boolean {
  const network = networks.find((each) => each.Name === name);
  if (!network) return false;
  const { Labels: labels } = network;
  if (labels[labelNames.installation] === installation && labels[labelNames.execution] === executionId)
    return true;
  throw new AppError(
    'backend_failed',
    `A network called ${name} is there that is not ours; it was left alone. Rename or remove it.`,
  );
}

async function usedSubnets(networks: readonly ListedNetwork[]): Promise<Subnet[]> {
  const docker = networks
    .flatMap((network) => network.IPAM?.Config ?? [])
    .flatMap(({ Subnet: range }) => (range && !range.includes(':') ? [parseSubnet(range)] : []));
  return [...docker, ...(await hostSubnets())];
}
