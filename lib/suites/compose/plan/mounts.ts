import { insidePackage, writtenPath } from '../model/paths';
import { isMapping, listAt, type Mapping, mappingAt, textAt } from '../syntax/places';
import type { ServiceReport } from './report';

/** What a service mounts, as keys of a step. */
export interface Mounts {
  /** By their place in the container. */
  files: Record<string, unknown>;
  tmpfs: string[];
  /** Volumes of the execution, by their place in the container. */
  volumes: Record<string, unknown>;
}

interface Context {
  model: Mapping;
  root: string;
  report: ServiceReport;
}

/** Maps mounts, configs and secrets of a service: files of the package are copied into the container. */
export function mountsOf(service: Mapping, context: Context): Mounts {
  const mounts: Mounts = { files: {}, tmpfs: [], volumes: {} };
  for (const [index, mount] of listAt(service, 'volumes').entries()) {
    if (isMapping(mount)) addMount(mounts, mount, ['volumes', index], context);
  }
  for (const [index, entry] of listAt(service, 'tmpfs').entries()) {
    const [path = '', options] = String(entry).split(':');
    mounts.tmpfs.push(path);
    if (options)
      context.report.notice(['tmpfs', index], `the options ${JSON.stringify(options)} do not count`);
  }
  for (const kind of ['configs', 'secrets'] as const) {
    for (const [index, item] of listAt(service, kind).entries()) {
      if (isMapping(item)) addResource(mounts, kind, item, [kind, index], context);
    }
  }
  return mounts;
}

function addMount(mounts: Mounts, mount: Mapping, path: (string | number)[], context: Context): void {
  const { report } = context;
  const target = textAt(mount, 'target') ?? '';
  if (mount.type === 'volume' && mount.source === undefined && /^[A-Za-z]:/.test(target)) {
    report.problem(path, driveMessage(target));
  } else if (mount.type === 'tmpfs') {
    mounts.tmpfs.push(target);
    if (mount.tmpfs !== undefined) report.notice(path, 'the size and mode of a tmpfs do not count');
  } else if (mount.type === 'bind') addBind(mounts, mount, path, context);
  else if (mount.type === 'volume') addVolume(mounts, mount, path, context);
  else
    report.problem(
      path,
      `mounts of the type ${JSON.stringify(mount.type)} are not supported; use a file of the package`,
    );
}

function addBind(mounts: Mounts, mount: Mapping, path: (string | number)[], { root, report }: Context): void {
  const source = textAt(mount, 'source') ?? '';
  const target = textAt(mount, 'target') ?? '';
  const from = insidePackage(root, source);
  if (/docker\.sock$|podman\.sock$|containerd\.sock$/.test(source)) {
    report.problem(
      path,
      "a step never gets the engine's socket, which rules the machine; name the containers it would start as services of the suite",
    );
  } else if (/^[A-Za-z]:/.test(source)) {
    report.problem(path, driveMessage(source));
  } else if (from === null) {
    report.problem(
      path,
      `expected a file or folder of the suite, found ${JSON.stringify(writtenPath(root, source))}, which is outside of it; move it into the suite's folder`,
    );
  } else {
    mounts.files[target] = from;
    if (mount.read_only !== true) {
      report.notice(
        path,
        `${from === '.' ? 'the package' : from} is copied into the container: what is written there does not come back; write to $GANTRY_ARTIFACTS what you want to keep`,
      );
    }
  }
}

/** A volume of one service alone is as good as the container's own file system, which lasts as long as the execution. */
function addVolume(
  mounts: Mounts,
  mount: Mapping,
  path: (string | number)[],
  { model, report }: Context,
): void {
  const name = textAt(mount, 'source');
  if (name === null || name === '') return;
  const volumes = mappingAt(model, 'volumes');
  if (!Object.hasOwn(volumes, name)) {
    report.problem(path, `expected a volume of "volumes", found ${JSON.stringify(name)}; name it there`);
    return;
  }
  const volume = mappingAt(volumes, name);
  if (volume.external === true) {
    report.problem(
      path,
      `the volume ${name} is external; an execution begins without data of others: fill it in a task of the suite`,
    );
  } else if (Object.keys(mappingAt(volume, 'driver_opts')).length > 0) {
    report.problem(path, `the volume ${name} has driver_opts, which reach outside the suite; leave them out`);
  } else {
    const isReadOnly = mount.read_only === true;
    mounts.volumes[textAt(mount, 'target') ?? ''] = isReadOnly ? { name, read_only: true } : name;
  }
}

function addResource(
  mounts: Mounts,
  kind: 'configs' | 'secrets',
  item: Mapping,
  path: (string | number)[],
  { model, root, report }: Context,
): void {
  const name = textAt(item, 'source') ?? '';
  const resources = mappingAt(model, kind);
  if (!Object.hasOwn(resources, name)) {
    report.problem(path, `expected one of "${kind}", found ${JSON.stringify(name)}; name it there`);
    return;
  }
  const resource = mappingAt(resources, name);
  const file = textAt(resource, 'file');
  const instead = `put it into a file of the suite and name that: ${name}: { file: ./${name} }`;
  if (file === null) {
    const what = resource.external === true ? 'is external' : 'has no file';
    report.problem(path, `not supported yet: ${kind.slice(0, -1)} ${name} ${what}; ${instead}`);
    return;
  }
  const from = insidePackage(root, file);
  if (from === null) {
    report.problem(path, `the file of ${name} is outside of the suite: ${JSON.stringify(file)}; ${instead}`);
    return;
  }
  const target = textAt(item, 'target') ?? `/${name}`;
  const place = target.startsWith('/') ? target : `${kind === 'secrets' ? '/run/secrets' : ''}/${target}`;
  const mode = typeof item.mode === 'string' ? item.mode : undefined;
  mounts.files[place] = mode === undefined ? from : { from, mode };
  if (item.uid !== undefined || item.gid !== undefined) {
    report.notice(path, 'files that are placed belong to root: "uid" and "gid" do not count');
  }
}

function driveMessage(found: string): string {
  return `Compose takes the single letter before ":" for a drive of Windows, not for a volume; give the volume a longer name, found ${JSON.stringify(found)}`;
}
