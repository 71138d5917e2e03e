import { formatBytes } from '@/app/_components/quantities';
import { formatDuration } from '@/app/_components/time';
import type { ExportRule, LogRule, PlannedNode, ReadyRule } from '@/lib/model/node';

/** As it would be typed; a script of the shell as it stands in the file. Null: the image's own command. */
export function commandWords(command: PlannedNode['command']): string | null {
  if (command === null) return null;
  const [program, flag, script] = command;
  if (command.length === 3 && program === 'sh' && flag === '-c' && script !== undefined) return script.trim();
  return command.map((each) => (/^[\w@%+=:,./-]+$/.test(each) ? each : JSON.stringify(each))).join(' ');
}

export function readyWords({ probe, intervalMs, timeoutMs }: ReadyRule): string {
  const how = `every ${formatDuration(intervalMs)}, for at most ${formatDuration(timeoutMs)}`;
  switch (probe.type) {
    case 'tcp':
      return `port ${probe.port} takes a connection (${how})`;
    case 'http':
      return `port ${probe.port} answers ${probe.path}${probe.status ? ` with ${probe.status.join(' or ')}` : ''} (${how})`;
    case 'exec':
      return `${commandWords(probe.argv)} ends with 0 (${how})`;
    case 'log':
      return `it prints ${ruleWords(probe.rule)} (for at most ${formatDuration(timeoutMs)})`;
    case 'healthcheck':
      return `its image's health check says so (${how})`;
  }
}

export function ruleWords({ text, pattern, stream }: LogRule): string {
  const what = text === null ? `/${pattern}/` : JSON.stringify(text);
  return stream === 'any' ? what : `${what} on ${stream}`;
}

export function exportWords({ path, format, on, required }: ExportRule): string {
  const when = { success: 'when it passes', failure: 'when it fails', always: 'always' }[on];
  return `${path} (${[format, when, required ? null : 'if it is there'].filter(Boolean).join(', ')})`;
}

export function limitWords({ cpu, memoryBytes, pids }: PlannedNode['resources']): string | null {
  const parts = [
    cpu === null ? null : `${cpu} CPU`,
    memoryBytes === null ? null : formatBytes(memoryBytes),
    pids === null ? null : `${pids} processes`,
  ];
  return parts.filter(Boolean).join(', ') || null;
}
