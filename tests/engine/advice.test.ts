import { describe, expect, it } from 'vitest';
import { advise, adviseOnError, type BadEnd } from '@/lib/engine/advice';
import type { EndKind } from '@/lib/engine/evaluate-attempt';
import { explainOutput } from '@/lib/engine/output-hints';
import type { PlannedNode } from '@/lib/model/node';
import { makeNode } from '../support/plan';

interface Given {
  node?: Partial<PlannedNode>;
  exitCode?: number | null;
  signal?: string | null;
  printed?: string[];
  isSuiteLimit?: boolean;
}

function adviceFor(kind: EndKind, given: Given = {}): [string, string | null] | null {
  const node = makeNode({ id: 'step', ...given.node });
  const printed = given.printed ?? [];
  const end: BadEnd = {
    node,
    outcome: { exitCode: given.exitCode ?? null, signal: given.signal ?? null },
    hint: explainOutput(node, printed, 'standard'),
    lines: printed.map((text) => ({ stream: 'stderr', atMs: 0, text })),
    isSuiteLimit: given.isSuiteLimit ?? false,
  };
  const advice = advise(kind, end);
  return advice && [advice.sentence, advice.key];
}

const report = { path: 'reports/junit.xml', format: 'junit', on: 'always', required: true } as const;
const memory = { cpu: null, memoryBytes: 64 * 1024 * 1024, pids: null };
const ready = { probes: [{ type: 'tcp' as const, port: 8081 }], forMs: 0, intervalMs: 100, timeoutMs: 2_000 };

describe('what to do about a step that', () => {
  it.each<[string, EndKind, Given, string, string]>([
    [
      'ended with another exit code',
      'exit_code',
      { exitCode: 3, printed: ['cannot read the configuration'] },
      'fix what it says, or allow the code with `expect_exit: [3]`',
      'run',
    ],
    [
      'succeeded though it was to fail',
      'exit_code',
      { exitCode: 0, node: { expectExit: [1] } },
      'make it fail as expected, or correct `expect_exit` (1)',
      'expect_exit',
    ],
    [
      'crashed',
      'exit_code',
      { exitCode: 139, signal: 'SIGSEGV' },
      'find why the program crashes with SIGSEGV: run it alone with its inputs',
      'run',
    ],
    [
      'was killed',
      'exit_code',
      { exitCode: 137, signal: 'SIGKILL' },
      'find who killed it; memory is the usual reason: see `resources.memory`',
      'run',
    ],
    [
      'ran out of memory',
      'out_of_memory',
      { exitCode: 137, node: { resources: memory } },
      'raise `resources.memory` (64 MB)',
      'resources.memory',
    ],
    [
      'printed a forbidden line',
      'forbidden_line',
      {},
      'fix what it complains of, or narrow `fail_on_logs`',
      'fail_on_logs',
    ],
    [
      'did not print a wanted line',
      'missing_line',
      {},
      'make it print that, or correct `expect_logs`',
      'expect_logs',
    ],
    [
      'wrote no report',
      'bad_export',
      { node: { exports: [report] } },
      'write the whole file to $GANTRY_ARTIFACTS/reports/junit.xml, or correct `export`',
      'export',
    ],
    [
      'has failed cases',
      'failed_cases',
      {},
      'see the failed cases, and run again what failed once they are fixed',
      'export',
    ],
    [
      'took too long and printed nothing',
      'timed_out',
      { node: { timeoutMs: 1_000 }, signal: 'SIGTERM' },
      'it printed nothing; raise `timeout` (1 s) if it needs longer',
      'timeout',
    ],
    [
      'took too long and did not heed SIGTERM',
      'timed_out',
      { node: { timeoutMs: 2_000, graceMs: 1_000 }, signal: 'SIGKILL', printed: ['still here'] },
      'raise `timeout` (2 s) if it needs longer, and let it end on SIGTERM within `grace` (1 s)',
      'timeout',
    ],
    [
      'the limit of the whole run cut short',
      'timed_out',
      { isSuiteLimit: true, printed: ['waiting for the queue'] },
      "raise the suite's `timeout`",
      'suite timeout',
    ],
    [
      'is a service that died',
      'service_exited',
      { exitCode: 7, node: { kind: 'service' } },
      'make it run until it is stopped: see its last lines',
      'run',
    ],
    [
      'is a service that did not get ready, perhaps for listening on loopback',
      'not_ready',
      { node: { kind: 'service', ports: [8081], ready } },
      'make it listen on 0.0.0.0:8081 and not on 127.0.0.1, or give it longer than `ready.timeout` (2 s)',
      'ready.timeout',
    ],
    [
      'names a program that is not there',
      'exit_code',
      { exitCode: 127 },
      'name a program that its `image` has',
      'run',
    ],
    [
      'may not be executed',
      'exit_code',
      { exitCode: 126 },
      'make the file executable, or run it by its interpreter',
      'run',
    ],
    [
      'wrote its report to the wrong folder',
      'exit_code',
      {
        exitCode: 1,
        node: { exports: [report] },
        printed: ["Error: ENOENT: no such file or directory, open 'reports/junit.xml'"],
      },
      'write the report to $GANTRY_ARTIFACTS/reports/junit.xml',
      'export',
    ],
    [
      'wrote into its package',
      'exit_code',
      { exitCode: 1, printed: ['mkdir: cannot create directory: Read-only file system'] },
      'write to $GANTRY_ARTIFACTS or /tmp',
      'run',
    ],
    [
      'was refused what a withheld capability gives',
      'exit_code',
      { exitCode: 1, printed: ['ping: socktype: Operation not permitted'] },
      'give it `capabilities: [NET_RAW]`',
      'capabilities',
    ],
    [
      'could not reach a service',
      'exit_code',
      { exitCode: 1, printed: ['Error: connect ECONNREFUSED 172.18.0.2:5432'] },
      'name what it could not reach in `after`, and give that a `ready` probe',
      'after',
    ],
    [
      'could not reach what it comes after',
      'exit_code',
      { exitCode: 1, node: { after: ['db'] }, printed: ['wget: connection refused'] },
      'see whether what it could not reach is in `after`, has a `ready` probe and still runs',
      'after',
    ],
    [
      'failed without a word',
      'exit_code',
      { exitCode: 1 },
      'it printed nothing; make it say why it fails, or allow the code with `expect_exit: [1]`',
      'run',
    ],
    [
      'lost the end of its output',
      'output_cut',
      {},
      'run it again: the backend lost the end of its output',
      '',
    ],
  ])('%s', (_, kind, given, sentence, key) => {
    expect(adviceFor(kind, given)).toEqual([sentence, key || null]);
  });

  it.each(['passed', 'not_needed', 'cancelled'] as const)('ended as %s is nothing', (kind) => {
    expect(adviceFor(kind)).toBeNull();
  });
});

describe('what to do when the backend failed', () => {
  it.each([
    ['image_missing', 'never', 'put shop/api:9 on the backend, or let `pull: missing` fetch it', 'pull'],
    ['image_missing', 'missing', 'correct `image`, or give the backend access to its registry', 'image'],
    ['secret_missing', 'missing', "see the profile's `secrets` and where they come from", null],
    ['store_unavailable', 'missing', 'make room for the database, and run it again', null],
    ['backend_failed', 'missing', 'see the backend under Settings, and run it again once it is well', null],
  ] as const)('with %s under pull: %s', (code, pull, sentence, key) => {
    expect(adviseOnError(code, makeNode({ id: 'step', image: 'shop/api:9', pull }))).toEqual({
      sentence,
      key,
    });
  });
});
