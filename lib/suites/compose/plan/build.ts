import { posix } from 'node:path';
import { insidePackage, writtenPath } from '../model/paths';
import { isMapping, listAt, type Mapping, mappingAt, textAt } from '../syntax/places';
import type { ServiceReport } from './report';

/** Keys of `build` that change nothing of what the image is. */
const silent = new Set([
  'labels',
  'tags',
  'cache_from',
  'cache_to',
  'isolation',
  'provenance',
  'sbom',
  'platforms',
]);
const notices: Readonly<Record<string, string>> = {
  no_cache:
    "what has not changed is taken from the engine's cache; pull_policy: always looks for newer base images",
};
const instead: Readonly<Record<string, string>> = {
  additional_contexts: 'copy what it needs into "context"',
  ssh: 'fetch what it needs before the execution',
  secrets: 'fetch what it needs before the execution',
};

/** The build of a service, as the key `build` of a step has it, or null where its image is one of a registry. */
export function buildOf(
  service: Mapping,
  { model, root, report }: { model: Mapping; root: string; report: ServiceReport },
): Mapping | null {
  const own = isMapping(service.build) ? service.build : null;
  const given = own ?? buildOfImage(textAt(service, 'image'), model);
  if (given === null) return null;
  const problem = (key: string, message: string) => report.problem(own ? ['build', key] : [], message);
  if (own) checkKeys(own, report);
  const context = textAt(given, 'context') ?? root;
  const folder = insidePackage(root, context);
  if (folder === null) {
    const found = JSON.stringify(writtenPath(root, context));
    problem('context', `expected a folder of the suite, found ${found}; move it into the suite's folder`);
    return null;
  }
  const dockerfile = textAt(given, 'dockerfile') ?? 'Dockerfile';
  const inline = textAt(given, 'dockerfile_inline');
  const file = posix.resolve(context, dockerfile);
  if (inline === null && insidePackage(root, file) === null) {
    const found = JSON.stringify(writtenPath(root, file));
    problem('dockerfile', `expected a Dockerfile in the suite's folder, found ${found}; move it there`);
    return null;
  }
  const target = textAt(given, 'target');
  const args = mappingAt(given, 'args');
  return {
    context: folder,
    ...(inline === null ? { dockerfile: posix.relative(context, file) } : { dockerfile_inline: inline }),
    ...(target ? { target } : {}),
    ...(Object.keys(args).length > 0 ? { args } : {}),
  };
}

/** Services may name the image that another one builds. */
function buildOfImage(image: string | null, model: Mapping): Mapping | null {
  if (image === null) return null;
  for (const other of Object.values(mappingAt(model, 'services'))) {
    if (isMapping(other) && isMapping(other.build) && textAt(other, 'image') === image) return other.build;
  }
  return null;
}

const understood = new Set(['context', 'dockerfile', 'dockerfile_inline', 'target', 'args']);

function checkKeys(build: Mapping, report: ServiceReport): void {
  for (const [key, value] of Object.entries(build)) {
    const isEmpty =
      value === null || value === false || (Array.isArray(value) && listAt(build, key).length === 0);
    if (understood.has(key) || silent.has(key) || isEmpty || key.startsWith('x-')) continue;
    if (key === 'pull') continue;
    const notice = notices[key];
    if (notice !== undefined) report.notice(['build', key], notice);
    else report.problem(['build', key], `not supported; ${instead[key] ?? 'leave it out'}`);
  }
}
