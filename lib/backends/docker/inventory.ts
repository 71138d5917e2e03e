import type { EnvironmentResource, EnvironmentSnapshot } from '../backend';
import { labelNames } from '../labels';
import { describeContainer } from './container-description';
import { type Daemon, quickMs } from './daemon';
import { listContainers, listNetworks, listVolumes } from './listings';

interface Labelled {
  labels: Record<string, string>;
  createdAtMs: number;
  resource: EnvironmentResource;
}

/** Everything with our installation's label, by execution. */
export async function listEnvironments(daemon: Daemon, installation: string): Promise<EnvironmentSnapshot[]> {
  const byExecution = new Map<string, Labelled[]>();
  for (const each of await listLabelled(daemon, installation)) {
    const executionId = each.labels[labelNames.execution];
    if (executionId === undefined) continue;
    const known = byExecution.get(executionId);
    if (known) known.push(each);
    else byExecution.set(executionId, [each]);
  }
  return [...byExecution].map(([executionId, parts]) => snapshotOf(executionId, parts));
}

async function listLabelled(daemon: Daemon, installation: string): Promise<Labelled[]> {
  const filters = { label: [`${labelNames.installation}=${installation}`] };
  const [networks, volumes, containers, { name }] = await Promise.all([
    listNetworks(daemon, filters),
    listVolumes(daemon, filters),
    listContainers(daemon, filters),
    daemon.engine(quickMs),
  ]);
  return [
    ...networks.map((each) => bare('network', each.Name, each.Labels, Date.parse(each.Created))),
    ...volumes.map((each) => bare('volume', each.Name, each.Labels, Date.parse(each.CreatedAt))),
    ...containers.map((each) => ({
      labels: each.Labels,
      createdAtMs: each.Created * 1000,
      resource: describeContainer(each, name),
    })),
  ];
}

function bare(
  kind: 'network' | 'volume',
  name: string,
  labels: Record<string, string>,
  createdAtMs: number,
): Labelled {
  const createdAt = Number.isNaN(createdAtMs) ? null : new Date(createdAtMs).toISOString();
  return {
    labels,
    createdAtMs,
    resource: { kind, name, stepId: null, state: null, createdAt },
  };
}

function snapshotOf(executionId: string, parts: readonly Labelled[]): EnvironmentSnapshot {
  const first = (name: string) =>
    parts.map(({ labels }) => labels[name]).find((value) => value !== undefined);
  const times = parts.map(({ createdAtMs }) => createdAtMs).filter((ms) => !Number.isNaN(ms));
  return {
    executionId,
    suiteId: first(labelNames.suite) ?? null,
    profile: first(labelNames.profile) ?? null,
    owner: first(labelNames.owner) ?? null,
    deadline: first(labelNames.deadline) ?? null,
    createdAt: times.length > 0 ? new Date(Math.min(...times)).toISOString() : null,
    resources: parts.map(({ resource }) => resource),
  };
}
