import { lookup } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { createApiClient } from '../../client/api-client';
import { systemClock } from '../../clock';
import { messageOf } from '../../model/errors';
import { findTarget } from '../connection/connect';
import { type ExitCode, exitCodes } from '../exit-codes';
import { type CommandContext, printResult } from '../terminal';
import { type Finding, failed } from './finding';
import {
  checkControlGroups,
  checkDisk,
  checkEngine,
  checkNode,
  checkPort,
  checkProxies,
  checkResolver,
} from './machine-checks';
import { checkControlPlane } from './plane-checks';

const signs = { ok: '✓', warning: '!', failed: '✕' } as const;

/** `gantry doctor`: everything that is looked at, with what to do about it. */
export async function runDoctor(
  context: CommandContext,
  connection: { url?: string; token?: string; context?: string; data: string },
  contextsFile: string,
): Promise<ExitCode> {
  const dataFolder = path.resolve(connection.data);
  const target = await findTarget({ ...connection, dataFolder, contextsFile }).catch(messageOf);
  const findings = [
    checkNode(process.versions.node),
    ...(typeof target === 'string'
      ? [failed('control plane', target, 'Start one: gantry up.'), await portFinding(context.terminal.env)]
      : await checkControlPlane(createApiClient(target), () => systemClock.now())),
    await engineFinding(),
    await diskFinding(dataFolder),
    await resolverFinding(),
    checkProxies(context.terminal.env, typeof target === 'string' ? null : new URL(target.url).hostname),
    checkControlGroups(existsSync('/sys/fs/cgroup') ? existsSync('/sys/fs/cgroup/cgroup.controllers') : null),
  ];
  printResult(context, { items: findings }, () => findings.flatMap(describe));
  return findings.some(({ status }) => status === 'failed') ? exitCodes.errored : exitCodes.passed;
}

function describe({ check, status, found, todo }: Finding): string[] {
  return [`${signs[status]} ${check}: ${found}`, ...(todo ? [`    ${todo}`] : [])];
}

async function portFinding(env: Record<string, string | undefined>): Promise<Finding> {
  const port = Number(env.PORT || 3000);
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
  return checkPort(port, isFree);
}

async function engineFinding(): Promise<Finding> {
  try {
    const { default: Docker } = await import('dockerode');
    const docker = new Docker({ timeout: 5_000 });
    const { Version } = await docker.version();
    const hasToolbox = await docker
      .getImage('gantry/toolbox:local')
      .inspect()
      .then(
        () => true,
        () => false,
      );
    return checkEngine({ version: Version, hasToolbox });
  } catch (error) {
    return checkEngine({ problem: messageOf(error) });
  }
}

async function diskFinding(dataFolder: string): Promise<Finding> {
  // The folder is made at the first start.
  let folder = dataFolder;
  while (!existsSync(folder)) folder = path.dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  return checkDisk(folder, bavail * bsize);
}

async function resolverFinding(): Promise<Finding> {
  const startMs = systemClock.monotonicMs();
  // RFC 6761 keeps this name from existing.
  const address = await lookup('gantry-doctor.invalid').then(
    (found) => found.address,
    () => null,
  );
  return checkResolver({ address, elapsedMs: systemClock.monotonicMs() - startMs });
}
