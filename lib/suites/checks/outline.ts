import type { ImageBuild } from '../../model/image-build';
import { type SuiteStepKind, suiteStepKind } from '../../model/suite';
import { isMapping } from '../file/inspect-schema';
import { build } from '../file/schema/build';
import { ulimits } from '../file/schema/container-limits';
import { mountedVolumes, placedFiles } from '../file/schema/files';
import { reset } from '../file/schema/mock-reset';
import { isStepId } from '../file/schema/names';
import { cwd } from '../file/schema/program-keys';
import { port } from '../file/schema/ready';

/** The references of a step to other steps and files. Names that are not texts are empty. */
export interface StepOutline {
  id: string;
  /** Null if the kind is missing or wrong. */
  kind: SuiteStepKind | null;
  /** The step has `run`, `image` or `build`, with a right or a wrong value. */
  hasProgram: boolean;
  hasRun: boolean;
  hasImage: boolean;
  /** Null where its image is not built, or where it cannot be read how. */
  build: ImageBuild | null;
  /** Its build names a Dockerfile and gives the text of one. */
  hasTwoDockerfiles: boolean;
  /** The keys that say how the image's own program is run. */
  imageKeys: string[];
  /** Places in the container by the files of the package that go there. */
  files: { path: string; from: string }[];
  /** Places in the container whose content is lost at the start. */
  tmpfs: readonly string[];
  /** Places in the container at which volumes are. */
  volumes: readonly string[];
  ulimits: Record<string, { soft: number; hard: number }>;
  /** Nothing can be copied into its container. */
  isReadOnly: boolean;
  /** Names beside its id. */
  aliases: readonly string[];
  ref: string | null;
  /** The normalized folder: `/tmp//x/` is `/tmp/x`. */
  cwd: string | null;
  after: readonly string[];
  on_failure: readonly string[];
  reset_mocks: readonly string[];
  /** The port of its `reset`: null for the first of its ports. Absent when it has none that can be read. */
  reset?: { port: number | null };
  hasReset: boolean;
  ports: readonly number[];
  probes: { type: 'tcp' | 'http'; port: number }[];
}

const kinds = suiteStepKind.options;
const none: readonly string[] = [];

/**
 * Reads from the data of a `suite.yaml` what the checks between steps look at. It takes what can be taken from a file
 * that has other mistakes, so that all are reported at once.
 */
export function outlineSteps(suite: unknown): StepOutline[] {
  const steps = isMapping(suite) && isMapping(suite.steps) ? Object.entries(suite.steps) : [];
  return steps.flatMap(([id, step]) => (isMapping(step) && isStepId(id) ? [outlineStep(id, step)] : []));
}

function outlineStep(id: string, step: Record<string, unknown>): StepOutline {
  return {
    id,
    kind: kinds.find((kind) => kind === step.kind) ?? null,
    hasProgram: ['run', 'image', 'build'].some((key) => Object.hasOwn(step, key)),
    hasRun: Object.hasOwn(step, 'run'),
    hasImage: Object.hasOwn(step, 'image'),
    build: build.safeParse(step.build).data ?? null,
    hasTwoDockerfiles:
      isMapping(step.build) &&
      ['dockerfile', 'dockerfile_inline'].every((key) => Object.hasOwn(step.build as object, key)),
    imageKeys: [
      ...['args', 'entrypoint'].filter((key) => Object.hasOwn(step, key)),
      ...(step.init === false ? ['init'] : []),
    ],
    files: placedFiles.safeParse(step.files).data ?? [],
    tmpfs: namesIn(step.tmpfs),
    volumes: (mountedVolumes.safeParse(step.volumes).data ?? []).map(({ path }) => path),
    ulimits: ulimits.safeParse(step.ulimits).data ?? {},
    isReadOnly: step.read_only === true,
    aliases: namesIn(step.aliases),
    ref: textOf(step.ref),
    cwd: step.cwd === undefined ? null : (cwd.safeParse(step.cwd).data ?? null),
    after: namesIn(step.after),
    on_failure: namesIn(step.on_failure),
    reset_mocks: namesIn(step.reset_mocks),
    ...resetIn(step.reset),
    hasReset: Object.hasOwn(step, 'reset'),
    ports: step.ports === undefined ? [] : [step.ports].flat().filter(isPort),
    probes: isMapping(step.ready) ? probesIn(step.ready) : [],
  };
}

function resetIn(value: unknown): Pick<StepOutline, 'reset'> {
  const { data } = reset.safeParse(value);
  return data ? { reset: { port: data.http.port } } : {};
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function namesIn(value: unknown): readonly string[] {
  if (value === undefined) return none;
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.map((name) => textOf(name) ?? '') : [];
}

function probesIn({ tcp, http }: Record<string, unknown>): StepOutline['probes'] {
  const asked = isMapping(http)
    ? http.port
    : typeof http === 'string'
      ? Number(/^(\d+)\//.exec(http)?.[1])
      : http;
  return [
    ...(isPort(tcp) ? [{ type: 'tcp' as const, port: tcp }] : []),
    ...(isPort(asked) ? [{ type: 'http' as const, port: asked }] : []),
  ];
}

function isPort(value: unknown): value is number {
  return port.safeParse(value).success;
}
