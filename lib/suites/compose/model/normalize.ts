import { isMapping, listAt, type Mapping, mappingAt, type Places, textAt } from '../syntax/places';

/** Fills in what the Compose tool fills in: defaults, implied dependencies and networks, names of resources. */
export function normalizeModel(
  model: Mapping,
  { name, variables }: { name: string; variables: Readonly<Record<string, string>> },
  places: Places,
): Mapping {
  const services: Mapping = {};
  const given = mappingAt(model, 'services');
  places.copy(given, services);
  let usesDefault = false;
  for (const [id, value] of Object.entries(given)) {
    const service: Mapping = isMapping(value) ? { ...value } : {};
    if (isMapping(value)) places.copy(value, service);
    if (
      !service.network_mode &&
      !service.provider &&
      Object.keys(mappingAt(service, 'networks')).length === 0
    ) {
      service.networks = { default: null };
    }
    usesDefault ||= Object.hasOwn(mappingAt(service, 'networks'), 'default');
    addDependencies(service, places);
    addDefaults(service, variables);
    services[id] = service;
  }
  const networks = { ...mappingAt(model, 'networks') };
  places.copy(mappingAt(model, 'networks'), networks);
  if (usesDefault && !Object.hasOwn(networks, 'default')) networks.default = null;
  const result: Mapping = { ...model, services, networks, name };
  places.copy(model, result);
  for (const kind of ['networks', 'volumes', 'configs', 'secrets']) {
    if (isMapping(result[kind])) result[kind] = nameResources(result[kind], name, places);
  }
  return result;
}

/** Names in other keys make a service wait for what they name, although nobody wrote it in `depends_on`. */
export function impliedDependencies(service: Mapping): { key: string; name: string; restart: boolean }[] {
  const shared = ['network_mode', 'ipc', 'pid', 'uts', 'cgroup'].flatMap((key) => {
    const name = /^service:(.+)$/.exec(textAt(service, key) ?? '')?.[1];
    return name === undefined ? [] : [{ key, name, restart: true }];
  });
  const links = listAt(service, 'links').map((link) => ({
    key: 'links',
    name: String(link).split(':')[0] ?? '',
    restart: true,
  }));
  const volumes = listAt(service, 'volumes_from').flatMap((from) => {
    const text = String(from);
    if (text.startsWith('container:')) return [];
    return [{ key: 'volumes_from', name: text.split(':')[0] ?? '', restart: false }];
  });
  return [...links, ...shared, ...volumes];
}

function addDependencies(service: Mapping, places: Places): void {
  const given = mappingAt(service, 'depends_on');
  const dependencies: Mapping = {};
  places.copy(given, dependencies);
  for (const [name, value] of Object.entries(given)) {
    const own = isMapping(value) ? value : {};
    dependencies[name] = { condition: 'service_started', required: true, ...own };
  }
  for (const { key, name, restart } of impliedDependencies(service)) {
    if (Object.hasOwn(dependencies, name)) continue;
    dependencies[name] = { condition: 'service_started', required: true, ...(restart ? { restart } : {}) };
    places.set(dependencies, name, places.get(service, key));
  }
  if (Object.keys(dependencies).length > 0) service.depends_on = dependencies;
}

function addDefaults(service: Mapping, variables: Readonly<Record<string, string>>): void {
  const fromOutside = ([key, value]: [string, unknown]): [string, unknown] =>
    value === null && Object.hasOwn(variables, key) ? [key, variables[key]] : [key, value];
  if (isMapping(service.environment)) {
    service.environment = Object.fromEntries(Object.entries(service.environment).map(fromOutside));
  }
  if (isMapping(service.build)) {
    const build: Mapping = { ...service.build };
    if (build.dockerfile === undefined && build.dockerfile_inline === undefined)
      build.dockerfile = 'Dockerfile';
    if (isMapping(build.args)) {
      const args = Object.entries(build.args).map(fromOutside);
      build.args = Object.fromEntries(args.filter(([, value]) => value !== null));
    }
    service.build = build;
  }
  for (const item of listAt(service, 'ports')) {
    if (!isMapping(item)) continue;
    item.protocol ??= 'tcp';
    item.mode ??= 'ingress';
  }
  for (const item of listAt(service, 'secrets')) {
    if (isMapping(item)) item.target ??= `/run/secrets/${String(item.source)}`;
  }
  for (const item of listAt(service, 'volumes')) {
    if (isMapping(item) && isMapping(item.bind)) item.bind = { create_host_path: true, ...item.bind };
  }
  for (const item of listAt(service, 'env_file')) if (isMapping(item)) item.required ??= true;
}

function nameResources(resources: Mapping, project: string, places: Places): Mapping {
  const named: Mapping = {};
  places.copy(resources, named);
  for (const [key, value] of Object.entries(resources)) {
    const resource: Mapping = isMapping(value) ? { ...value } : {};
    if (isMapping(value)) places.copy(value, resource);
    if (isMapping(resource.external)) {
      resource.name ??= resource.external.name;
      resource.external = true;
    }
    resource.name ??= resource.external === true ? key : `${project}_${key}`;
    named[key] = resource;
  }
  return named;
}
