import type { ResolvedCompose } from '../model/resolve';
import { isActive } from '../model/shown';
import { isMapping, listAt, type Mapping, mappingAt, type Place, textAt } from '../syntax/places';
import { type Classified, classifyServices } from './classify';
import { stepIdsOf } from './names';
import { checkNetworks } from './networks';
import { reportOn } from './report';
import { stepOf } from './step';

/** A suite that a Compose file describes. */
export interface ComposedSuite {
  /** The data of the `suite.yaml` that says the same. */
  value: Mapping;
  /** What each step is, and why, by its id. */
  kinds: ReadonlyMap<string, Classified>;
  /** Finds the line of the Compose file behind a path of `value`. */
  placeOf(path: readonly (string | number)[]): Place;
}

/** Keys of a service by the keys of a step that come from them. */
const sources: Readonly<Record<string, string>> = {
  ...{
    kind: 'labels',
    run: 'command',
    args: 'command',
    cwd: 'working_dir',
    env: 'environment',
    after: 'depends_on',
  },
  ...{
    files: 'volumes',
    grace: 'stop_grace_period',
    capabilities: 'cap_add',
    pull: 'pull_policy',
    ready: 'healthcheck',
  },
  ...{ resources: 'deploy', retries: 'restart', aliases: 'networks' },
};

/** Makes the suite of resolved Compose files, and reports what cannot be one. */
export function planSuite(
  resolved: ResolvedCompose,
  { root, top }: { root: string; top: Place },
): ComposedSuite {
  const { model, places, problems } = resolved;
  const services = mappingAt(model, 'services');
  const ids = stepIdsOf(Object.keys(services));
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  const classified = classifyServices(services);
  const steps: Mapping = {};
  if (Object.keys(services).length === 0 && problems.length === 0) {
    problems.push({ ...top, message: 'expected at least one service in "services", found none' });
  }
  checkDependencies(resolved, top);
  checkNetworks(resolved, top);
  for (const [name, value] of Object.entries(services)) {
    const service = isMapping(value) ? value : {};
    const id = ids.get(name) ?? name;
    steps[id] = stepOf(service, {
      name,
      id,
      classified: classified.get(name) ?? { kind: 'service', why: '' },
      ids,
      conditions: conditionsOn(services, name),
      aliases: aliasesOf(services, name, id),
      activeProfiles: resolved.activeProfiles,
      model,
      root,
      report: reportOn(model, name, resolved, top),
    });
  }
  noticeNoTest(classified, resolved, top);
  return {
    value: { steps },
    kinds: new Map([...classified].map(([name, kind]) => [ids.get(name) ?? name, kind])),
    placeOf: ([, id, key, ...rest]) => {
      const name = names.get(String(id)) ?? '';
      const from = key === undefined ? [] : [sources[String(key)] ?? key, ...rest];
      return places.find(model, ['services', name, ...from], top);
    },
  };
}

function conditionsOn(services: Mapping, name: string): Set<string> {
  return new Set(
    Object.values(services).flatMap((service) => {
      const dependency = isMapping(service) ? mappingAt(service, 'depends_on')[name] : undefined;
      return isMapping(dependency) ? [textAt(dependency, 'condition') ?? 'service_started'] : [];
    }),
  );
}

/** All names but the id under which others may look for a service. */
function aliasesOf(services: Mapping, name: string, id: string): string[] {
  const service = mappingAt(services, name);
  const linked = Object.values(services).flatMap((other) =>
    (isMapping(other) ? listAt(other, 'links') : []).flatMap((link) => {
      const [target, alias] = String(link).split(':');
      return target === name && alias ? [alias] : [];
    }),
  );
  const inNetworks = Object.values(mappingAt(service, 'networks')).flatMap((network) =>
    isMapping(network) ? listAt(network, 'aliases').map(String) : [],
  );
  const all = [
    name,
    textAt(service, 'container_name'),
    textAt(service, 'hostname'),
    ...inNetworks,
    ...linked,
  ];
  return [...new Set(all.filter((alias) => alias !== null && alias !== '' && alias !== id))].flatMap(
    (alias) => alias ?? [],
  );
}

/** Checks under every profile that what a running service waits for runs too. */
function checkDependencies({ model, places, problems, activeProfiles }: ResolvedCompose, top: Place): void {
  const services = mappingAt(model, 'services');
  for (const [name, value] of Object.entries(services)) {
    const service = isMapping(value) ? value : {};
    const own = listAt(service, 'profiles').map(String);
    for (const [other, dependency] of Object.entries(mappingAt(service, 'depends_on'))) {
      const place = places.find(model, ['services', name, 'depends_on', other], top);
      const at = `services.${name}.depends_on.${other}: `;
      const target = services[other];
      if (target === undefined) {
        problems.push({
          ...place,
          message: `${at}expected a service, found ${JSON.stringify(other)}; "required: false" excuses an inactive service, not one that is not there`,
        });
      } else if (isMapping(dependency) && dependency.required !== false) {
        const sets = own.length > 0 ? own.map((profile) => [profile]) : [activeProfiles];
        const missing = sets.find(
          (active) => isActive(service, active) && !isActive(isMapping(target) ? target : {}, active),
        );
        if (missing) {
          const under =
            missing.length > 0 ? ` under the profile ${missing.join(', ')}` : ' without a profile';
          problems.push({
            ...place,
            message: `${at}expected a service that runs${under}, found one that does not; say "required: false", or give it the same profiles`,
          });
        }
      }
    }
  }
}

function noticeNoTest(
  classified: ReadonlyMap<string, Classified>,
  { notices, problems }: ResolvedCompose,
  top: Place,
): void {
  if (problems.length > 0 || classified.size === 0) return;
  if ([...classified.values()].some(({ kind }) => kind === 'test' || kind === 'task')) return;
  notices.push({
    ...top,
    message:
      'no service is a test, so the execution passes once all are ready; give one the label "gantry.kind: test"',
  });
}
