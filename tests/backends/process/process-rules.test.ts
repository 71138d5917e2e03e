import { expect, test } from 'vitest';
import { allocatePorts } from '@/lib/backends/process/allocate-ports';
import { canRunOnProcess, explainRefusal } from '@/lib/backends/process/can-run-on-process';
import { parseProcessState } from '@/lib/backends/process/process-group';
import { environmentFolder } from '@/lib/backends/process/scratch';
import { makeNode } from '../../support/plan';

const nodes = [
  makeNode({ id: 'plain' }),
  makeNode({ id: 'toolbox', image: 'gantry/toolbox:local' }),
  makeNode({ id: 'db', image: 'postgres:16' }),
  makeNode({ id: 'silent', command: null }),
  makeNode({
    id: 'checked',
    ready: { probes: [{ type: 'healthcheck' }], forMs: 0, intervalMs: 1_000, timeoutMs: 1_000 },
  }),
];

test('names the steps that need more than a process', () => {
  expect(canRunOnProcess(nodes)).toEqual(['db', 'silent', 'checked']);
  expect(explainRefusal(nodes)).toBe(
    'These steps cannot run as a process of this machine: db (needs the image postgres:16), ' +
      'silent (has no command of its own), checked (waits for the health check of an image). ' +
      'Choose a backend with containers.',
  );
  expect(explainRefusal(nodes.slice(0, 2))).toBeNull();
});

test('reads the state of a process whose name holds spaces and parentheses', () => {
  const fields = `S 1 4242 ${Array.from({ length: 16 }, (_, i) => i).join(' ')} 987654 0 0`;
  expect(parseProcessState(`4242 (a) b (c) ${fields}`)).toEqual({
    pid: 4242,
    groupId: 4242,
    startedAt: '987654',
    isZombie: false,
  });
});

test('reads the state of a process from ps', () => {
  expect(parseProcessState('  77   70 Z+   Tue Nov 24 08:00:00 2026\n')).toEqual({
    pid: 77,
    groupId: 70,
    startedAt: 'Tue Nov 24 08:00:00 2026',
    isZombie: true,
  });
});

test('gives every declared port a port of its own, none that is taken', async () => {
  const services = [
    { stepId: 'api', name: 'api', ports: [80, 81] },
    { stepId: 'db', name: 'db', ports: [5432] },
  ];
  const first = await allocatePorts(services, new Set());
  const taken = new Set([first.api?.[80] ?? 0, first.api?.[81] ?? 0, first.db?.[5432] ?? 0]);
  expect(taken.size).toBe(3);
  const second = await allocatePorts(services, taken);
  expect(Object.values(second.api ?? {}).filter((port) => taken.has(port))).toEqual([]);
});

test.each(['../out', '/etc', '', '.', 'a/b', 'A'])('%j is no execution', (executionId) => {
  expect(() => environmentFolder('/tmp/scratch', executionId)).toThrow();
});
