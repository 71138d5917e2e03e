import type { InputIssue } from '../model/errors';
import type { PlannedNode } from '../model/node';
import { staysUp } from '../model/step-kind';
import { readyOf } from '../suites/file/schema/ready';
import type { FlatStep } from './flatten';
import type { LevelScope } from './level-scope';
import { secretsOfNode } from './node-secrets';
import { renderNodeTexts } from './node-texts';
import type { PlanRequest } from './plan-request';

const defaultTimeoutMs = 10 * 60_000;
const defaultGraceMs = 10_000;
const noRetries = { max: 0, backoffMs: 1_000 };

/**
 * The step with every default filled in, its layers of env and headers merged and its templates filled in as far as
 * they are known. Each suite's own files speak for its own steps; what is above the profile comes from outside.
 */
export function planNode(
  flat: FlatStep,
  request: PlanRequest,
  index: number,
  scope: LevelScope,
  issues: InputIssue[],
): PlannedNode {
  const { id, step, level, after, onFailure } = flat;
  const { suite, prefix, source } = level;
  const { defaults } = suite;
  const { image, build, command, env, headers, args, entrypoint, templates } = renderNodeTexts(
    flat,
    request,
    scope,
    issues,
  );
  const resources = { ...defaults.resources, ...step.resources };
  const staying = step.kind === 'service' || step.kind === 'mock' ? step : null;
  const ports = staying?.ports ?? [];
  return {
    id,
    name: step.name ?? id,
    kind: step.kind,
    index,
    after,
    onFailure,
    continueOnFailure: step.continue_on_failure ?? false,
    always: step.always ?? false,
    image,
    build,
    pull: step.pull ?? 'missing',
    command,
    cwd: step.cwd ?? null,
    env,
    headers,
    secrets: secretsOfNode(flat, request, issues),
    timeoutMs: step.timeout ?? defaults.timeout ?? defaultTimeoutMs,
    graceMs: step.grace ?? defaultGraceMs,
    retries: step.retries ?? (staysUp(step.kind) ? undefined : defaults.retries) ?? noRetries,
    expectExit: step.expect_exit ?? [0],
    expectLogs: step.expect_logs ?? [],
    failOnLogs: step.fail_on_logs ?? [],
    exports: step.export ?? [],
    resources: {
      cpu: resources.cpu ?? null,
      memoryBytes: resources.memory ?? null,
      ...(resources.disk === undefined ? {} : { diskBytes: resources.disk }),
      pids: resources.pids ?? null,
    },
    capabilities: step.capabilities ?? [],
    container: {
      args,
      entrypoint,
      user: step.user ?? null,
      stopSignal: step.stop_signal ?? null,
      init: (command !== null && step.run === undefined) || (step.init ?? true),
      files: step.files ?? [],
      volumes: (step.volumes ?? []).map((volume) => ({ ...volume, name: `${prefix}${volume.name}` })),
      tmpfs: step.tmpfs ?? [],
      shmBytes: step.shm_size ?? null,
      hostname: step.hostname ?? null,
      extraHosts: step.extra_hosts ?? {},
      readOnly: step.read_only ?? false,
      ulimits: step.ulimits ?? {},
      sysctls: step.sysctls ?? {},
      platform: step.platform ?? null,
      secretFiles: step.secret_files ?? [],
      healthCheck: staying?.healthcheck ?? null,
      aliases: staying?.aliases ?? [],
      gpus: step.gpus ?? null,
    },
    ports,
    ready: staying && readyOf(staying.ready, ports, staying.healthcheck !== undefined),
    resetMocks: step.kind === 'test' ? (step.reset_mocks ?? []).map((mock) => `${prefix}${mock}`) : [],
    ...resetOf(step, ports),
    tags: step.tags ?? [],
    packageDigest: suite.packageDigest,
    source,
    ...(step.inputs?.length
      ? { inputs: step.inputs.map((input) => ({ ...input, from: `${prefix}${input.from}` })) }
      : {}),
    ...(templates.length > 0 ? { templates } : {}),
  };
}

/** Nothing is reset where a mock has no port: the checks of its suite say so. */
function resetOf(step: FlatStep['step'], ports: readonly number[]): Pick<PlannedNode, 'reset'> {
  if (step.kind !== 'mock' || step.reset === undefined) return {};
  const { method, path, port } = step.reset.http;
  const used = port ?? ports[0];
  return used === undefined ? {} : { reset: { method, path, port: used } };
}
