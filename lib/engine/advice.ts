import type { StepOutcome } from '../backends/backend';
import type { ErrorCode } from '../model/errors';
import { suiteTimeout } from '../model/key-lines';
import type { OutputLine } from '../model/log-line';
import type { PlannedNode } from '../model/node';
import { bytes, type EndKind, formatDuration } from './evaluate-attempt';
import type { Hint } from './withheld-hints';

/** An instruction without a full stop, and the key of the suite file that it speaks of. */
export interface Advice {
  sentence: string;
  key: string | null;
}

/** What is known about a step that ended badly. */
export interface BadEnd {
  node: PlannedNode;
  outcome: Pick<StepOutcome, 'exitCode' | 'signal'>;
  hint: Hint | null;
  /** What it printed last. */
  lines: readonly OutputLine[];
  /** The whole run's limit ran out, and not the step's own. */
  isSuiteLimit: boolean;
}

type Rule = (end: BadEnd) => Advice | null;

/** What to do, by kind of end. Every kind has a rule, if only to say that nothing is to be done. */
const rules: Record<EndKind, Rule> = {
  passed: () => null,
  not_needed: () => null,
  cancelled: () => null,
  timed_out: ({ node, outcome, lines, isSuiteLimit }) => {
    const said = lines.length === 0 ? silence : '';
    if (isSuiteLimit) return { sentence: `${said}raise the suite's \`timeout\``, key: suiteTimeout };
    const raise = `raise \`timeout\` (${formatDuration(node.timeoutMs)}) if it needs longer`;
    const isStubborn = outcome.signal === 'SIGKILL';
    const end = isStubborn
      ? `, and let it end on SIGTERM within \`grace\` (${formatDuration(node.graceMs)})`
      : '';
    return { sentence: `${said}${raise}${end}`, key: 'timeout' };
  },
  not_ready: ({ node, hint }) =>
    hint?.advice ?? {
      sentence: `make it listen on 0.0.0.0${portsOf(node)} and not on 127.0.0.1, or give it longer than \`ready.timeout\` (${formatDuration(node.ready?.timeoutMs ?? 0)})`,
      key: 'ready.timeout',
    },
  out_of_memory: ({ node: { resources } }) => ({
    sentence: `raise \`resources.memory\`${resources.memoryBytes === null ? '' : ` (${bytes(resources.memoryBytes)})`}`,
    key: 'resources.memory',
  }),
  service_exited: ({ hint }) =>
    hint?.advice ?? { sentence: 'make it run until it is stopped: see its last lines', key: 'run' },
  exit_code: (end) => end.hint?.advice ?? byExitCode(end),
  failed_cases: () => ({
    sentence: 'see the failed cases, and run again what failed once they are fixed',
    key: 'export',
  }),
  output_cut: () => ({ sentence: 'run it again: the backend lost the end of its output', key: null }),
  forbidden_line: () => ({
    sentence: 'fix what it complains of, or narrow `fail_on_logs`',
    key: 'fail_on_logs',
  }),
  missing_line: () => ({ sentence: 'make it print that, or correct `expect_logs`', key: 'expect_logs' }),
  bad_export: ({ node, hint }) => {
    if (hint) return hint.advice;
    const path = node.exports.find(({ required }) => required)?.path ?? node.exports[0]?.path;
    return {
      sentence: `write the whole file to $GANTRY_ARTIFACTS${path ? `/${path}` : ''}, or correct \`export\``,
      key: 'export',
    };
  },
};

/** What a person can do about the end of a step; null when there is nothing. */
export function advise(kind: EndKind, end: BadEnd): Advice | null {
  return rules[kind](end);
}

function byExitCode({ node, outcome: { exitCode, signal }, lines }: BadEnd): Advice {
  if (exitCode === 127) return { sentence: 'name a program that its `image` has', key: 'run' };
  if (exitCode === 126)
    return { sentence: 'make the file executable, or run it by its interpreter', key: 'run' };
  if (signal === 'SIGKILL')
    return { sentence: 'find who killed it; memory is the usual reason: see `resources.memory`', key: 'run' };
  if (signal !== null)
    return {
      sentence: `find why the program crashes with ${signal}: run it alone with its inputs`,
      key: 'run',
    };
  if (exitCode === 0)
    return {
      sentence: `make it fail as expected, or correct \`expect_exit\` (${node.expectExit.join(', ')})`,
      key: 'expect_exit',
    };
  if (lines.some(({ text }) => unreachable.test(text))) return reach(node);
  const allow = `allow the code with \`expect_exit: [${exitCode ?? 0}]\``;
  if (lines.length === 0) return { sentence: `${silence}make it say why it fails, or ${allow}`, key: 'run' };
  return { sentence: `fix what it says, or ${allow}`, key: 'run' };
}

function reach({ after }: PlannedNode): Advice {
  const sentence =
    after.length === 0
      ? 'name what it could not reach in `after`, and give that a `ready` probe'
      : 'see whether what it could not reach is in `after`, has a `ready` probe and still runs';
  return { sentence, key: 'after' };
}

const silence = 'it printed nothing; ';
const unreachable = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|connection refused|bad address|could not resolve host/i;

/** What to do when the backend, and not the step, could not do its part. */
export function adviseOnError(code: ErrorCode | null, { image, build, pull }: PlannedNode): Advice {
  if (code === 'image_missing' && build !== null)
    return { sentence: 'correct what the build complains of, see the lines of its log', key: 'build' };
  if (code === 'image_missing')
    return pull === 'never'
      ? {
          sentence: `put ${image ?? 'its image'} on the backend, or let \`pull: missing\` fetch it`,
          key: 'pull',
        }
      : { sentence: 'correct `image`, or give the backend access to its registry', key: 'image' };
  if (code === 'secret_missing' || code === 'secret_unavailable')
    return { sentence: "see the profile's `secrets` and where they come from", key: null };
  if (code === 'store_unavailable')
    return { sentence: 'make room for the database, and run it again', key: null };
  return { sentence: 'see the backend under Settings, and run it again once it is well', key: null };
}

function portsOf({ ports }: PlannedNode): string {
  return ports.length === 0 ? '' : `:${ports.join(', :')}`;
}
