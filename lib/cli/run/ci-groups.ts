import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../../clock';
import type { Terminal } from '../terminal';

/**
 * Lines of a step under a title, as a group that the CI server folds; elsewhere indented. Text of a suite never acts as
 * a command of the CI server.
 */
export function groupLines(
  ci: Terminal['ci'],
  title: string,
  lines: readonly string[],
  clock: Clock = systemClock,
): string[] {
  if (ci === 'github') {
    const token = randomUUID();
    return [`::group::${title}`, `::stop-commands::${token}`, ...lines, `::${token}::`, '::endgroup::'];
  }
  if (ci === 'gitlab') {
    const name = `gantry_${randomUUID().slice(0, 8)}`;
    const now = Math.floor(clock.now().getTime() / 1000);
    const mark = (what: string) => `\u001b[0Ksection_${what}:${now}:${name}`;
    const start = `${mark('start')}[collapsed=true]\r\u001b[0K${title}`;
    return [start, ...lines.map(withoutSections), `${mark('end')}\r\u001b[0K`];
  }
  return [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

/** GitLab reads its own marks wherever they are. */
function withoutSections(line: string): string {
  return line.replaceAll('section_start:', 'section-start:').replaceAll('section_end:', 'section-end:');
}
