import path from 'node:path';
import { stopsAtLink } from '../backends/artifact-selection';
import { artifactsFolder } from '../backends/container-facts';
import type { NotExported } from '../model/artifact';
import type { ExportRule } from '../model/node';

export interface MissingExport {
  sentence: string;
  /** What stands in its place, where that is known. */
  because: NotExported | null;
}

/** The required rules for which nothing came, or no report among what came. */
export function missingExports(
  inForce: readonly { rule: ExportRule; matches: (path: string) => boolean }[],
  came: readonly string[],
  read: readonly string[],
  notExported: readonly NotExported[],
): MissingExport[] {
  return inForce.flatMap(({ rule, matches }) => {
    if (!rule.required) return [];
    if (!came.some(matches)) {
      const because = notExported.find((each) => stopsAtLink(rule.path, each.path)) ?? null;
      const what = `the required ${noun(rule.format)} ${rule.path} was not written`;
      return [{ sentence: because ? `${what}: ${formatAlternative(rule.path, because)}` : what, because }];
    }
    if (rule.format === 'file' || read.some(matches)) return [];
    return [
      {
        sentence: `none of the files that ${rule.path} matches is a report that Gantry reads`,
        because: null,
      },
    ];
  });
}

/** A file that is wanted and not required. */
export function formatNotExported(each: NotExported): string {
  return `${each.path} was not exported: ${formatKind(each, 'it')}`;
}

function formatKind({ path: link, type, target }: NotExported, subject = link): string {
  if (type === 'special file') return `${subject} is no regular file`;
  return `${subject} is a ${type}${target === null ? '' : ` to ${target}`}, and links are not followed`;
}

function formatAlternative(rule: string, because: NotExported): string {
  const instead = targetBelow(because);
  const rest = rule.startsWith(`${because.path}/`) ? rule.slice(because.path.length) : '';
  const isPlain = rule === `${because.path}${rest}`;
  return `${formatKind(because)}${instead && isPlain ? `; export ${instead}${rest} instead` : ''}`;
}

/** Where a link leads below the folder for artifacts; null when it leads elsewhere. */
function targetBelow({ path: link, target }: NotExported): string | null {
  if (target === null) return null;
  const folder = path.posix.join(artifactsFolder, path.posix.dirname(link));
  const below = path.posix.relative(artifactsFolder, path.posix.resolve(folder, target));
  return below === '' || below === '..' || below.startsWith('../') ? null : below;
}

function noun(format: ExportRule['format']): string {
  return format === 'file' ? 'file' : 'report';
}
