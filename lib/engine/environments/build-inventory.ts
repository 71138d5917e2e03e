import type { EnvironmentResource as Listed } from '../../backends/backend';
import type { Environment, EnvironmentResource, EnvironmentState, Inventory } from '../../model/environment';
import type { EnvironmentFacts } from '../../store/environment-store';
import { classifyEnvironment } from './classify-environment';
import type { BackendPicture } from './list-backends';

const order: Record<EnvironmentState, number> = { zombie: 0, reaping: 1, kept: 2, ending: 3, active: 4 };

const unseen = 'Its agent does not answer: it is shown as it was last seen.';

/** The inventory out of what backends and database say. Pure. */
export function buildInventory(
  pictures: readonly BackendPicture[],
  facts: ReadonlyMap<string, EnvironmentFacts>,
  isReaping: (executionId: string) => boolean,
  now: Date,
): Inventory {
  const environments = pictures.flatMap(({ backend, snapshots }) =>
    snapshots.map((snapshot): Environment => {
      const known = facts.get(snapshot.executionId) ?? null;
      const isSeen = snapshot.isSeen ?? true;
      const judgement = classifyEnvironment(snapshot, known, now.getTime());
      if (!isSeen) judgement.reason += ` ${unseen}`;
      return {
        id: snapshot.executionId,
        backend: { id: backend.id, kind: backend.kind, label: backend.label },
        ...judgement,
        ...(isReaping(snapshot.executionId)
          ? { state: 'reaping' as const, reason: 'It is being removed now.' }
          : {}),
        execution: known && {
          status: known.status,
          suiteTitle: known.suite.title,
          author: known.author,
        },
        suiteId: known?.suite.id ?? snapshot.suiteId,
        profile: known?.profile ?? snapshot.profile ?? null,
        owner: snapshot.owner,
        createdAt: snapshot.createdAt,
        deadline: snapshot.deadline,
        keptUntil: known?.keptUntil ?? null,
        resources: snapshot.resources.map(complete).sort(byKindThenAge),
        isSeen,
      };
    }),
  );
  return {
    at: now.toISOString(),
    environments: environments.sort(
      (a, b) => order[a.state] - order[b.state] || (a.createdAt ?? '').localeCompare(b.createdAt ?? ''),
    ),
    backends: pictures.map(({ backend }) => backend),
    warnings: pictures.flatMap(({ backend }) =>
      backend.isReachable ? [] : [`${backend.label} cannot be asked what is there: ${backend.reason}`],
    ),
  };
}

function complete(listed: Listed): EnvironmentResource {
  return {
    image: null,
    health: null,
    exitCode: null,
    createdAt: null,
    address: null,
    shell: null,
    ...listed,
    ports: listed.ports ?? [],
  };
}

/** Containers first, in the order in which they came; the rest by kind. */
function byKindThenAge(a: EnvironmentResource, b: EnvironmentResource): number {
  return (
    a.kind.localeCompare(b.kind) ||
    (a.createdAt ?? '').localeCompare(b.createdAt ?? '') ||
    a.name.localeCompare(b.name)
  );
}
