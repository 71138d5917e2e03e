import type { ApiClient } from '../../client/api-client';
import type { Environment, ExecProgress, ReapResult } from '../../model/environment';
import { CommandError, exitCodes } from '../exit-codes';
import { formatTable } from '../format';
import { durationOf } from '../run/launch-options';
import { type CommandContext, printResult } from '../terminal';

/** `gantry env ls`: what executions own on the backends. */
export async function listEnvironments(context: CommandContext, api: ApiClient): Promise<void> {
  const inventory = await api.get('/api/v1/sandboxes', {});
  printResult(context, inventory, () => [
    ...formatTable(
      ['ID', 'SUITE', 'BACKEND', 'STATE', 'RESOURCES', ''],
      inventory.environments.map((each) => [
        each.id,
        each.suiteId ?? '',
        each.backend.id,
        each.state,
        String(each.resources.length),
        each.reason,
      ]),
    ),
    ...inventory.warnings,
  ]);
}

/** `gantry env show`: one environment with its resources. */
export async function showEnvironment(context: CommandContext, api: ApiClient, id: string): Promise<void> {
  const record = await api.get('/api/v1/sandboxes/{id}', { params: { id } });
  printResult(context, record, () => {
    const { environment, rows } = record;
    if (!environment) return [`Nothing is left of ${id}. It made ${rows.length} resources.`];
    return [`${environment.state}: ${environment.reason}`, '', ...describeResources(environment)];
  });
}

function describeResources({ resources }: Environment): string[] {
  const rows = resources.map(({ kind, name, stepId, state, address, ports }) => [
    kind,
    name,
    stepId ?? '',
    state ?? '',
    address ? `${address} ${ports.join(' ')}`.trim() : '',
  ]);
  const shells = resources.flatMap(({ shell }) => (shell ? [`  ${shell}`] : []));
  return [
    ...formatTable(['KIND', 'NAME', 'STEP', 'STATE', 'ADDRESS'], rows),
    ...(shells.length > 0 ? ['', "On the backend's own machine:", ...shells] : []),
  ];
}

/** `gantry env exec`: runs a command in the container of a step, or in one that is named. Answers its exit code. */
export async function execInEnvironment(
  context: CommandContext,
  api: ApiClient,
  id: string,
  where: string,
  words: readonly string[],
): Promise<number> {
  const { environment } = await api.get('/api/v1/sandboxes/{id}', { params: { id } });
  const resources = environment?.resources ?? [];
  const running = resources.filter(({ state }) => /run/i.test(state ?? ''));
  const found =
    resources.find(({ name }) => name === where) ?? running.find(({ stepId }) => stepId === where);
  if (!found) {
    const known = running.flatMap(({ stepId }) => stepId ?? []);
    throw new Error(
      `${id} has no running container of ${where}. It has: ${[...new Set(known)].join(', ') || 'none'}.`,
    );
  }
  const command = words.length === 1 ? (words[0] ?? '') : words.map(quote).join(' ');
  const { items } = await api.post('/api/v1/sandboxes/{id}/exec', {
    params: { id },
    body: { resource: found.name, command },
  });
  if (context.json) context.terminal.print(JSON.stringify({ items }));
  else for (const item of items) writeProgress(context, item);
  const exit = items.find((item) => item.type === 'exit');
  return exit?.exitCode ?? exitCodes.errored;
}

function writeProgress({ terminal }: CommandContext, item: ExecProgress): void {
  if (item.type === 'cut') terminal.note('gantry: it printed more than is passed on, and was ended.');
  if (item.type !== 'output') return;
  const text = item.text.replace(/\n$/, '');
  if (item.stream === 'stderr') terminal.note(text);
  else terminal.print(text);
}

function quote(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `gantry env extend`: keeps an environment that is kept for so long from now on. */
export async function extendEnvironment(
  context: CommandContext,
  api: ApiClient,
  id: string,
  given: string,
): Promise<void> {
  const answer = await api.post('/api/v1/sandboxes/{id}/extend', {
    params: { id },
    body: { forMs: durationOf('for', given) },
  });
  printResult(context, answer, () => [`${id} is kept until ${answer.keptUntil}.`]);
}

/** `gantry env reap`: removes one environment, all zombies, or all there is. Throws when something was left. */
export async function reapEnvironments(
  context: CommandContext,
  api: ApiClient,
  id: string | undefined,
  { zombies, all, force = false }: { zombies?: boolean; all?: boolean; force?: boolean },
): Promise<void> {
  if ([id !== undefined, zombies, all].filter(Boolean).length !== 1)
    throw new Error('Expected one of: the id of an environment, --zombies, --all.');
  const results: ReapResult[] = id
    ? [await api.post('/api/v1/sandboxes/{id}/reap', { params: { id }, body: { force } })]
    : await api.post('/api/v1/sandboxes/reap-all', { body: { scope: all ? 'all' : 'zombies', force } });
  printResult(context, results, () =>
    results.length === 0
      ? ['There is nothing to remove.']
      : results.map(({ id: each, outcome, receipt, reason }) => {
          const counts = `removed ${receipt.removed}, left ${receipt.left.length}`;
          return `${each} ${outcome}: ${counts}${reason ? `: ${reason}` : ''}`;
        }),
  );
  const notRemoved = results.filter(({ outcome }) => outcome !== 'removed');
  if (notRemoved.length > 0)
    throw new CommandError(exitCodes.errored, `${notRemoved.length} could not be removed whole.`);
}
