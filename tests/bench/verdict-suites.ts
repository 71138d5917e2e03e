import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { VerdictBackend } from './bench';
import { image } from './suites';

/** One way to end, as a row of docs/verdicts.md has it. */
export interface VerdictKind {
  /** The row's words, shortened. */
  what: string;
  /** The step that ends so. */
  stepId: string;
  status: string;
  /** What can end so: only containers and pods, or only containers of an engine that a proxy stands before. */
  needs?: 'containers' | 'engine';
  step: Record<string, unknown>;
}

const seconds = (count: number) => ['sleep', String(count)];
const hungry = 'x=0123456789abcdef; while :; do x=$x$x; done';

/** They end by themselves, in one execution. */
export const ownEnds: VerdictKind[] = [
  kind('an expected code', 'expected-code', 'passed', { run: ['sh', '-c', 'exit 0'] }),
  kind('another code', 'other-code', 'failed', { run: ['sh', '-c', 'exit 3'] }),
  kind('a signal', 'signal', 'failed', { run: ['sh', '-c', 'kill -SEGV $$'] }),
  kind('a signal of a stop, by its own hand', 'own-term', 'failed', { run: ['sh', '-c', 'kill -TERM $$'] }),
  onContainers('out of memory', 'memory', 'failed', {
    run: ['sh', '-c', hungry],
    resources: { memory: '32Mi' },
  }),
  onContainers('a child out of memory', 'child-memory', 'passed', {
    run: ['sh', '-c', `(${hungry}) || echo went on; exit 0`],
    resources: { memory: '32Mi' },
  }),
  kind('no such command', 'no-command', 'failed', { run: ['no-such-command'] }),
  kind('no such interpreter', 'no-interpreter', 'failed', { run: ['./no-interpreter.sh'] }),
  kind('not executable', 'not-executable', 'failed', { run: ['./not-executable.sh'] }),
  kind('a folder', 'folder', 'failed', { run: ['/'] }),
  kind('127 as expected', 'shell-127', 'passed', { run: 'no-such-command', expect_exit: 127 }),
  kind('no such working folder', 'no-folder', 'errored', { cwd: '/not/there', run: ['true'] }),
  onContainers('no such image', 'no-image', 'errored', {
    ...{ image: 'gantry/no-such-image:1', pull: 'never', run: ['true'] },
  }),
  kind('its timeout', 'timeout', 'timed_out', { run: seconds(600), timeout: '500ms', grace: '5s' }),
  kind('a service not ready in time', 'not-ready', 'failed', {
    ...{ kind: 'service', run: seconds(600), ports: [8099] },
    ready: { tcp: 8099, timeout: '1s' },
  }),
  kind('a service that ends too soon', 'ends-soon', 'failed', {
    ...{ kind: 'service', run: ['sh', '-c', 'sleep 2; exit 7'] },
  }),
];

/** It would run on; what needs the service must not end before it. */
const helpers = { needy: { kind: 'test', run: seconds(4), after: ['ends-soon'], timeout: '30s' } };

/** They end because the execution is cancelled. */
export const cancelledEnds: VerdictKind[] = [
  kind('a cancel', 'running', 'cancelled', { run: seconds(600) }),
  kind('a cancel before it started', 'waiting', 'cancelled', { run: ['true'], after: ['running'] }),
];

/** It ends because somebody removes its container. */
export const removedEnds: VerdictKind[] = [
  onContainers('its container was removed', 'removed', 'errored', { run: seconds(600) }),
];

/** It ends because its probe cannot be asked: the engine refuses the call. */
export const refusedEnds: VerdictKind[] = [
  onEngine('the engine could not be asked', 'probed', 'errored', {
    ...{ kind: 'service', run: seconds(600) },
    ready: { exec: ['true'], timeout: '1s' },
  }),
];

export const verdictSuites = {
  'ends-own': { kinds: ownEnds, helpers },
  'ends-cancelled': { kinds: cancelledEnds, helpers: {} },
  'ends-removed': { kinds: removedEnds, helpers: {} },
  'ends-refused': { kinds: refusedEnds, helpers: {} },
} as const;

/** The ends of a suite that this backend can bring about. */
export function endsOn(backend: VerdictBackend, kinds: readonly VerdictKind[]): VerdictKind[] {
  return kinds.filter(({ needs }) => {
    if (needs === 'engine') return backend === 'local' || backend === 'remote-agent';
    return needs === undefined || backend !== 'process';
  });
}

/** The suites below `folder`, with the ends that this backend can bring about. */
export async function writeVerdictSuites(
  folder: string,
  idOf: (name: string) => string,
  backend: VerdictBackend,
): Promise<void> {
  for (const [name, { kinds, helpers: more }] of Object.entries(verdictSuites)) {
    const usable = endsOn(backend, kinds);
    if (usable.length === 0) continue;
    const steps = Object.fromEntries(usable.map(({ stepId, step }) => [stepId, step]));
    const suite = {
      title: name,
      defaults: backend === 'process' ? { timeout: '2m' } : { image, timeout: '2m' },
      steps: { ...steps, ...more },
    };
    const place = path.join(folder, idOf(name));
    await mkdir(place, { recursive: true });
    await writeFile(path.join(place, 'suite.yaml'), JSON.stringify(suite));
    await writeFile(path.join(place, 'no-interpreter.sh'), '#!/opt/no/such/shell\n', { mode: 0o755 });
    await writeFile(path.join(place, 'not-executable.sh'), '#!/bin/sh\n', { mode: 0o644 });
  }
}

function kind(what: string, stepId: string, status: string, step: Record<string, unknown>): VerdictKind {
  return { what, stepId, status, step: { kind: 'test', ...step } };
}

function onContainers(...words: Parameters<typeof kind>): VerdictKind {
  return { ...kind(...words), needs: 'containers' };
}

function onEngine(...words: Parameters<typeof kind>): VerdictKind {
  return { ...kind(...words), needs: 'engine' };
}
