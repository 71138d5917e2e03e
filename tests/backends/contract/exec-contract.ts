import { expect } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import type { StepSpec } from '@/lib/model/step-spec';
import type { ContractContext } from '../backend-contract';

/** Commands in what runs, of a backend that has them. */
export function execContract({ test, openStep, sibling, run, harness }: ContractContext): void {
  const forever = {
    source: `console.log('up'); setInterval(() => {}, 1000);`,
    fake: { lines: ['up'], runsMs: 'forever' as const },
  };

  /** A step that runs, and what runs commands in it. */
  async function openRunning(backend: Backend) {
    const step = await openStep(forever);
    const watched = run(step);
    await watched.until(({ lines }) => lines.length > 0);
    const resource = await resourceOf(backend, step);
    return {
      step,
      resource,
      exec: (command: string, options?: Parameters<typeof execIn>[4]) =>
        execIn(backend, step.executionId, resource, command, options),
      async end() {
        watched.stop('cancelled', 300);
        await watched.outcome;
      },
    };
  }

  test('a command prints on both streams, nothing added and nothing lost, and has its exit code', async () => {
    const { backend } = harness();
    if (!backend.exec) return;
    const { exec, end } = await openRunning(backend);
    expect(await exec(`printf 'a\\n\\nno end'; printf 'oh\\r\\n\\n' >&2; exit 3`)).toEqual({
      stdout: 'a\n\nno end',
      stderr: 'oh\r\n\n',
      exitCode: 3,
    });
    const much = await exec(`node -e "process.stdout.write('ü€😀\\\\n'.repeat(30000))"`);
    expect(much.stdout === 'ü€😀\n'.repeat(30_000)).toBe(true);
    expect(await exec('true')).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    await end();
  });

  test('what a command prints comes while it runs, and at its end it is killed with its children', async () => {
    const { backend } = harness();
    if (!backend.exec) return;
    const { exec, end } = await openRunning(backend);
    const left = new AbortController();
    const ended = await exec('sleep 4321 & echo up; wait', {
      signal: left.signal,
      onStdout: (stdout) => {
        if (stdout === 'up\n') left.abort();
      },
    });
    expect(ended).toMatchObject({ stdout: 'up\n', exitCode: null });
    while ((await exec('ps | grep "[s]leep 4321"')).stdout !== '');
    await end();
  });

  test('a command that nobody waits for any more before it begins does nothing that lasts', async () => {
    const { backend } = harness();
    if (!backend.exec) return;
    const { exec, end } = await openRunning(backend);
    expect(await exec('sleep 5432', { signal: AbortSignal.abort() })).toMatchObject({ exitCode: null });
    while ((await exec('ps | grep "[s]leep 5432"')).stdout !== '');
    await end();
  });

  test('commands run at the same time, each with its own output', async () => {
    const { backend } = harness();
    if (!backend.exec) return;
    const { exec, end } = await openRunning(backend);
    const all = await Promise.all(['one', 'two', 'three'].map((word) => exec(`echo ${word}; sleep 0.2`)));
    expect(all.map(({ stdout }) => stdout)).toEqual(['one\n', 'two\n', 'three\n']);
    await end();
  });

  test('a command is refused in what has ended, and in what is not of the execution', async () => {
    const { backend } = harness();
    if (!backend.exec) return;
    const { step, resource, end } = await openRunning(backend);
    const over = sibling(step, { source: '', fake: {} }, { id: 'over' });
    await run(over).outcome;
    const id = step.executionId;
    await expect(
      execIn(backend, id, await resourceOf(backend, over), 'id'),
      'in one that has ended',
    ).rejects.toMatchObject({ code: 'conflict' });
    await expect(execIn(backend, id, `${resource}-not`, 'id')).rejects.toMatchObject({ code: 'not_found' });
    const other = await openStep(forever);
    await expect(
      execIn(backend, other.executionId, resource, 'id'),
      'in another execution',
    ).rejects.toMatchObject({ code: 'not_found' });
    await end();
  });
}

async function resourceOf(backend: Backend, { executionId, stepId }: StepSpec): Promise<string> {
  const environment = (await backend.listEnvironments()).find((each) => each.executionId === executionId);
  const found = environment?.resources.find(
    (each) => each.stepId === stepId && (each.kind === 'container' || each.kind === 'pod'),
  );
  if (!found) throw new Error(`${stepId} is not listed: ${JSON.stringify(environment)}`);
  return found.name;
}

async function execIn(
  backend: Backend,
  executionId: string,
  resource: string,
  command: string,
  {
    signal = new AbortController().signal,
    onStdout = () => {},
  }: { signal?: AbortSignal; onStdout?: (stdout: string) => void } = {},
) {
  const printed = { stdout: '', stderr: '' };
  const ended = await backend.exec?.(
    executionId,
    resource,
    command,
    ({ stream, text }) => {
      printed[stream] += text;
      onStdout(printed.stdout);
    },
    signal,
  );
  return { ...printed, ...ended };
}
