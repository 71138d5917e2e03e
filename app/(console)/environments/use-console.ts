'use client';

import { useEffect, useRef, useState } from 'react';
import { followProgress } from '@/app/_components/follow-progress';
import type { ExecProgress } from '@/lib/model/environment';

export interface ConsoleEntry {
  /** The command as typed. */
  title: string;
  parts: { stream: 'stdout' | 'stderr'; text: string }[];
  /** Null while it runs; then how it ended, empty when well. */
  ending: string | null;
}

/** Commands in one container, one after the other, and what they printed. */
export function useConsole(environmentId: string, resource: string) {
  const [entries, setEntries] = useState<ConsoleEntry[]>([]);
  const running = useRef<AbortController | null>(null);
  // A command does not outlive the page that shows it.
  useEffect(() => () => running.current?.abort(), []);

  const change = (how: (entry: ConsoleEntry) => ConsoleEntry) =>
    setEntries((now) => now.map((entry, at) => (at === now.length - 1 ? how(entry) : entry)));

  async function run(command: string): Promise<void> {
    const controller = new AbortController();
    running.current = controller;
    setEntries((now) => [...now, { title: `$ ${command}`, parts: [], ending: null }]);
    const problem = await followProgress<ExecProgress>(
      `/api/v1/sandboxes/${environmentId}/exec`,
      { resource, command },
      (progress) => change((entry) => apply(entry, progress)),
      controller.signal,
      'The connection ended, and the command with it.',
    );
    change((entry) => ({
      ...entry,
      ending: controller.signal.aborted ? 'stopped' : (problem ?? entry.ending ?? ''),
    }));
    running.current = null;
  }

  async function readLog(): Promise<void> {
    setEntries((now) => [...now, { title: 'Last lines', parts: [], ending: null }]);
    const query = new URLSearchParams({ resource, lines: '200' });
    try {
      const response = await fetch(`/api/v1/sandboxes/${environmentId}/logs?${query}`);
      const text = await response.text();
      change((entry) => ({
        ...entry,
        parts: response.ok ? [{ stream: 'stdout', text }] : [],
        ending: response.ok ? (text === '' ? 'it has printed nothing' : '') : text,
      }));
    } catch {
      change((entry) => ({ ...entry, ending: 'Gantry does not answer.' }));
    }
  }

  return {
    entries,
    isRunning: entries.at(-1)?.ending === null,
    run,
    readLog,
    stop: () => running.current?.abort(),
  };
}

function apply(entry: ConsoleEntry, progress: ExecProgress): ConsoleEntry {
  switch (progress.type) {
    case 'output': {
      const { stream, text } = progress;
      const last = entry.parts.at(-1);
      if (last?.stream !== stream) return { ...entry, parts: [...entry.parts, { stream, text }] };
      return { ...entry, parts: [...entry.parts.slice(0, -1), { stream, text: last.text + text }] };
    }
    case 'cut':
      return { ...entry, ending: 'stopped: it printed more than 2 MB' };
    case 'exit':
      return {
        ...entry,
        ending: entry.ending ?? (progress.exitCode ? `exit code ${progress.exitCode}` : ''),
      };
  }
}
