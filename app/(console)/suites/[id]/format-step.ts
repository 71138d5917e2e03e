import { formatBytes } from '@/app/_components/quantities';
import { formatDuration } from '@/app/_components/time';
import type { ExportRule, LogRule, PlannedNode, ReadyProbe, ReadyRule } from '@/lib/model/node';

/** As it would be typed; a script of the shell as it stands in the file. Null: the image's own command. */
export function formatCommand(command: PlannedNode['command']): string | null {
  if (command === null) return null;
  const [program, flag, script] = command;
  if (command.length === 3 && program === 'sh' && flag === '-c' && script !== undefined) return script.trim();
  return command.map((each) => (/^[\w@%+=:,./-]+$/.test(each) ? each : JSON.stringify(each))).join(' ');
}

/** How the image's own program is run. */
export function formatImage({ args, entrypoint, init }: PlannedNode['container']): string {
  const program = entrypoint ? formatCommand(entrypoint) : 'what its image runs';
  const given = args ? ` with ${formatCommand(args)}` : '';
  return `${program}${given}${init ? '' : ', as the first process'}`;
}

export function formatReady({ probes, forMs, intervalMs, timeoutMs }: ReadyRule): string {
  const what = probes.map(formatProbe).join(' and ');
  const stays = forMs > 0 ? ` for ${formatDuration(forMs)} without a break` : '';
  return `${what}${stays} (every ${formatDuration(intervalMs)}, for at most ${formatDuration(timeoutMs)})`;
}

function formatProbe(probe: ReadyProbe): string {
  switch (probe.type) {
    case 'tcp':
      return `port ${probe.port} takes a connection`;
    case 'http':
      return `port ${probe.port} answers ${probe.path}${probe.status ? ` with ${probe.status.join(' or ')}` : ''}`;
    case 'exec':
      return `${formatCommand(probe.argv)} ends with 0`;
    case 'log':
      return `it prints ${formatRule(probe.rule)}${probe.count > 1 ? ` ${probe.count} times` : ''}`;
    case 'healthcheck':
      return "its image's health check passes";
  }
}

export function formatRule({ text, pattern, stream }: LogRule): string {
  const what = text === null ? `/${pattern}/` : JSON.stringify(text);
  return stream === 'any' ? what : `${what} on ${stream}`;
}

export function formatExport({ path, format, on, required }: ExportRule): string {
  const when = { success: 'when it passes', failure: 'when it fails', always: 'always' }[on];
  return `${path} (${[format, when, required ? null : 'if it is there'].filter(Boolean).join(', ')})`;
}

export function formatLimits({ cpu, memoryBytes, diskBytes, pids }: PlannedNode['resources']): string | null {
  const parts = [
    cpu === null ? null : `${cpu} CPU`,
    memoryBytes === null ? null : formatBytes(memoryBytes),
    diskBytes === undefined ? null : `${formatBytes(diskBytes)} of disk`,
    pids === null ? null : `${pids} processes`,
  ];
  return parts.filter(Boolean).join(', ') || null;
}
