import { compileGlob, normalizePath } from '../backends/artifact-selection';
import type { Artifact } from '../model/artifact';
import type { InputRule, StepInput } from '../model/step-input';

/** More files of one step are refused: export an archive of them. */
const maxInputs = 10_000;

/** The artifacts of a step: where they are stored, and those of its last attempt. Null when it has not passed. */
export interface SourceArtifacts {
  executionId: string;
  artifacts: readonly Artifact[];
}

/** The files that the rules ask for, or what is missing, in one sentence. Pure. */
export function resolveInputs(
  rules: readonly InputRule[],
  artifactsOf: (stepId: string) => SourceArtifacts | null,
): { inputs: StepInput[] } | { problem: string } {
  const found = new Map<string, StepInput>();
  for (const [index, { from, path, to }] of rules.entries()) {
    const what = `inputs[${index}] cannot be had`;
    const source = artifactsOf(from);
    if (!source) return { problem: `${what}: ${from} has not passed, so its artifacts are not taken` };
    const matches = compileGlob(path);
    const folder = plainFolder(path, source.artifacts);
    const matching = source.artifacts.filter((artifact) => matches(artifact.path));
    if (matching.length === 0)
      return { problem: `${what}: ${from} kept ${listOf(source.artifacts)}, and none fits ${path}` };
    for (const { id, path: file, bytes, sha256 } of matching) {
      const target = `${to}/${file.slice(folder.length)}`;
      if (found.has(target)) return { problem: `${what}: two inputs go to ${target}` };
      found.set(target, { executionId: source.executionId, artifactId: id, target, bytes, sha256 });
    }
  }
  if (found.size > maxInputs)
    return {
      problem: `inputs cannot be had: they are ${found.size} files, expected at most ${maxInputs}: export an archive of them`,
    };
  return { inputs: [...found.values()] };
}

/** The folders of a glob before its first pattern, with a `/` at the end; of a folder's own path all of it. */
function plainFolder(glob: string, artifacts: readonly Artifact[]): string {
  const segments = (normalizePath(glob) ?? '').split('/');
  const first = segments.findIndex((segment) => /[*?[{]/.test(segment));
  const isFile = first < 0 && artifacts.some(({ path }) => path === segments.join('/'));
  const plain = first < 0 ? (isFile ? segments.slice(0, -1) : segments) : segments.slice(0, first);
  return plain.length === 0 ? '' : `${plain.join('/')}/`;
}

function listOf(artifacts: readonly Artifact[]): string {
  if (artifacts.length === 0) return 'no files';
  const paths = artifacts.slice(0, 5).map(({ path }) => path);
  return `${paths.join(', ')}${artifacts.length > paths.length ? ` and ${artifacts.length - paths.length} more` : ''}`;
}
