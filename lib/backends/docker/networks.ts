import { AppError } from '../../model/errors';
import type { EnvironmentSpec } from '../backend';
import { environmentLabels, environmentName, labelNames } from '../labels';
import { type Daemon, quickMs, refusalStatus, slowMs } from './daemon';
import { formatSubnet, freeSubnets, headroom, hostSubnets, parseSubnet, type Subnet } from './subnets';

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
  return headroom(pool.range, pool.prefix, await usedSubnets(await listNetworks(daemon, limitMs)));
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
  const name = environmentName(environment.executionId);
  const networks = await listNetworks(daemon);
  if (networks.some((network) => network.Name === name)) {
    await checkOwned(daemon, name, installation, environment.executionId);
    return { created: false, name };
  }
  const used = await usedSubnets(networks);
  const prefix = prefixFor(environment.services.length, pool);
  for (const subnet of freeSubnets(pool.range, prefix, used, environment.executionId)) {
    try {
      await daemon.call(`make the network ${name}`, slowMs, (docker) =>
        docker.createNetwork({
          Name: name,
          Driver: 'bridge',
          CheckDuplicate: true,
          IPAM: { Driver: 'default', Config: [{ Subnet: formatSubnet(subnet) }] },
          Labels: environmentLabels(installation, environment),
        }),
      );
      return { created: true, name };
    } catch (error) {
      const status = refusalStatus(error);
      if (status === 409) {
        await checkOwned(daemon, name, installation, environment.executionId);
        return { created: false, name };
      }
      // 403: the subnet overlaps with one that was taken since the list was read.
      if (status !== 403) throw error;
    }
  }
  const { all } = headroom(pool.range, prefix, used);
  throw new AppError('backend_unavailable', poolExhausted(pool, all));
}

/** Every service keeps an address all the time; steps that come and go need some more. */
function prefixFor(services: number, pool: NetworkPool): number {
  const addresses = services + 32;
  const prefix = 32 - Math.ceil(Math.log2(addresses + 3));
  return Math.max(pool.range.prefix, Math.min(pool.prefix, prefix));
}

async function checkOwned(
  daemon: Daemon,
  name: string,
  installation: string,
  executionId: string,
): Promise<void> {
  const network = await daemon.call(`look at the network ${name}`, quickMs, (docker) =>
    docker.getNetwork(name).inspect(),
  );
  const labels: Record<string, string> = network.Labels ?? {};
  if (labels[labelNames.installation] === installation && labels[labelNames.execution] === executionId)
    return;
  throw new AppError(
    'backend_failed',
    `A network called ${name} is there that is not ours; it was left alone. Rename or remove it.`,
  );
}

async function listNetworks(daemon: Daemon, limitMs = quickMs) {
  return daemon.call('list its networks', limitMs, (docker, abortSignal) =>
    docker.listNetworks({ abortSignal }),
  );
}

async function usedSubnets(networks: Awaited<ReturnType<typeof listNetworks>>): Promise<Subnet[]> {
  const docker = networks
    .flatMap((network) => network.IPAM?.Config ?? [])
    .flatMap(({ Subnet: range }) => (range && !range.includes(':') ? [parseSubnet(range)] : []));
  return [...docker, ...(await hostSubnets())];
}
