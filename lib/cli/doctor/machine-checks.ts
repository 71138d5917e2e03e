import { type Finding, failed, ok, warning } from './finding';

const gigabyte = 1024 ** 3;
const resolverLimitMs = 5_000;

/** Free space where the data folder is, in bytes. */
export function checkDisk(folder: string, freeBytes: number): Finding {
  const found = `${(freeBytes / gigabyte).toFixed(1)} GB free at ${folder}`;
  if (freeBytes < gigabyte)
    return failed('disk', found, 'Make room: below 1 GB the database and the images of a run find no place.');
  if (freeBytes < 5 * gigabyte) return warning('disk', found, 'Make room soon: images and logs need some.');
  return ok('disk', found);
}

/** `answer` is what the resolver said to a name that cannot exist, and how long it took. */
export function checkResolver(answer: { address: string | null; elapsedMs: number }): Finding {
  if (answer.address !== null)
    return failed(
      'resolver',
      `The resolver of this machine answers ${answer.address} for a name that does not exist.`,
      'Name another one in /etc/resolv.conf: with this one, services that are not there seem to be.',
    );
  if (answer.elapsedMs > resolverLimitMs)
    return warning(
      'resolver',
      `The resolver of this machine took ${(answer.elapsedMs / 1000).toFixed(1)} s to say that a name does not exist.`,
      'Name one in /etc/resolv.conf that answers: steps wait for it as long.',
    );
  return ok('resolver', 'says that a name that does not exist does not');
}

/** `offsetMs` is the control plane's time minus this machine's. */
export function checkClock(offsetMs: number): Finding {
  const seconds = Math.abs(offsetMs) / 1000;
  const found = `the control plane's clock is ${seconds.toFixed(0)} s ${offsetMs < 0 ? 'behind' : 'ahead'}`;
  // The header has whole seconds.
  if (seconds < 5) return ok('clock', "agrees with the control plane's");
  return warning('clock', found, 'Set both by NTP: times of logs and `--since` are off by as much.');
}

/** Variables for a proxy that would stand between `gantry` and the control plane, were they honoured. */
export function checkProxies(env: Record<string, string | undefined>, host: string | null): Finding {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].filter((name) => env[name]);
  if (names.length === 0) return ok('proxy', 'no proxy is set');
  const exceptions = (env.NO_PROXY ?? env.no_proxy ?? '').split(',').map((each) => each.trim());
  const isExcepted = host === null || exceptions.some((each) => each === '*' || host.endsWith(each || '\0'));
  const found = `${names.join(', ')} set`;
  if (isExcepted) return ok('proxy', `${found}, not for ${host ?? 'this machine'}`);
  return warning(
    'proxy',
    `${found}, and NO_PROXY does not name ${host}`,
    `gantry asks ${host} without a proxy; programs in steps may not. Add it to NO_PROXY.`,
  );
}

/** `isV2`: the machine has the one tree of control groups. Null where there are none. */
export function checkControlGroups(isV2: boolean | null): Finding {
  if (isV2 === null) return ok('cgroup', 'not on this system');
  if (isV2) return ok('cgroup', 'version 2');
  return warning(
    'cgroup',
    'version 1',
    'Nothing has to be done for Docker; current clusters want version 2 (systemd.unified_cgroup_hierarchy=1).',
  );
}

/** `version` is that of Node. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 9)) return ok('node', version);
  return failed('node', version, 'Install Node 20.9 or newer.');
}

/** The engine of this machine: what it says of itself, or why it cannot be asked. */
export function checkEngine(answer: { version: string; hasToolbox: boolean } | { problem: string }): Finding {
  if ('problem' in answer)
    return warning(
      'engine',
      `Docker does not answer here: ${answer.problem}`,
      'Start it, or set DOCKER_HOST, if executions are to run on this machine.',
    );
  const found = `Docker ${answer.version}`;
  if (answer.hasToolbox) return ok('engine', found);
  return warning(
    'engine',
    `${found}, without the image gantry/toolbox:local`,
    'Make it for the example suites: gantry toolbox.',
  );
}

/** Whether something else listens where a control plane would. */
export function checkPort(port: number, isFree: boolean): Finding {
  if (isFree) return ok('port', `${port} is free`);
  return warning('port', `${port} is taken`, 'Start the control plane with another one: PORT=…');
}
