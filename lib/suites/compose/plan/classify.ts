import { isMapping, listAt, type Mapping, mappingAt, textAt } from '../syntax/places';

export type ServiceKind = 'service' | 'mock' | 'task' | 'test';

/** What a service of a Compose file becomes, and the rule that decides it. */
export interface Classified {
  kind: ServiceKind;
  /** A whole sentence for people. */
  why: string;
}

const kinds: readonly ServiceKind[] = ['service', 'mock', 'task', 'test'];
const testName = /^(?:sut|e2e|(?:.+[-_.])?tests?|tests?[-_.].+)$/i;

/**
 * Decides for every service of a Compose file what it is. The first rule that fits counts: its label `gantry.kind`; another
 * service awaits its completion; another one awaits it as started or healthy; it says `restart: "no"`; its name says that
 * it tests. Any other one is a service. `docs/compose.md` has the table.
 */
export function classifyServices(services: Mapping): Map<string, Classified> {
  const awaited = conditionsByService(services);
  return new Map(
    Object.entries(services).map(([name, service]) => [
      name,
      classify(name, isMapping(service) ? service : {}, awaited.get(name) ?? new Set()),
    ]),
  );
}

function classify(name: string, service: Mapping, awaited: ReadonlySet<string>): Classified {
  const label = textAt(mappingAt(service, 'labels'), 'gantry.kind');
  const kind = kinds.find((each) => each === label);
  if (kind) return { kind, why: `Its label says gantry.kind: ${kind}.` };
  if (awaited.has('service_completed_successfully')) {
    return { kind: 'task', why: 'Another service waits until it has completed successfully.' };
  }
  if (awaited.size > 0) return { kind: 'service', why: 'Another service depends on it while it runs.' };
  const isReader = isMapping(service.depends_on) || listAt(service, 'links').length > 0;
  if (service.restart === 'no') {
    return isReader || testName.test(name)
      ? { kind: 'test', why: 'It says restart: "no", nothing waits for it, and it depends on others.' }
      : { kind: 'task', why: 'It says restart: "no", nothing waits for it, and it depends on nothing.' };
  }
  if (testName.test(name) && !isRestarted(service)) {
    return { kind: 'test', why: 'Nothing waits for it, and its name says that it tests.' };
  }
  return { kind: 'service', why: 'No rule makes it a task or a test.' };
}

function conditionsByService(services: Mapping): Map<string, Set<string>> {
  const conditions = new Map<string, Set<string>>();
  for (const service of Object.values(services)) {
    if (!isMapping(service)) continue;
    for (const [name, dependency] of Object.entries(mappingAt(service, 'depends_on'))) {
      const known = conditions.get(name) ?? new Set();
      conditions.set(name, known);
      known.add((isMapping(dependency) && textAt(dependency, 'condition')) || 'service_started');
    }
  }
  return conditions;
}

function isRestarted({ restart }: Mapping): boolean {
  return typeof restart === 'string' && restart !== '' && restart !== 'no';
}
