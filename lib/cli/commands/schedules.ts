import type { ApiClient } from '../../client/api-client';
import { scheduleRequestOf } from '../../model/schedule-request';
import { formatTable } from '../format';
import { type CommandContext, printResult } from '../terminal';

export interface ScheduleOptions {
  name?: string;
  cron: string;
  timeZone: string;
  profile?: string;
  backend?: string;
  jitter: string;
  whenRunning: string;
  whenMissed: string;
}

const whenRunning = ['skip', 'queue', 'cancel'] as const;
const whenMissed = ['skip', 'once'] as const;

/** `gantry schedules`: all schedules, with their next time and what came of the last one. */
export async function listSchedules(context: CommandContext, api: ApiClient): Promise<void> {
  const schedules = await api.get('/api/v1/schedules', {});
  printResult(context, schedules, () =>
    formatTable(
      ['ID', 'NAME', 'SUITE', 'FROM', 'CRON', 'TIME ZONE', 'NEXT', 'LAST', ''],
      schedules.items.map((each) => [
        each.id,
        each.name,
        each.suiteId,
        each.declaredIn ?? '',
        each.cron,
        each.timeZone,
        each.enabled ? (each.nextTimes[0] ?? '') : 'off',
        each.lastFiring?.status ?? 'never',
        each.lastFiring?.reason ?? each.lastFiring?.executionId ?? '',
      ]),
    ),
  );
}

/** `gantry schedules make SUITE`: makes a schedule and prints its id. */
export async function makeSchedule(
  context: CommandContext,
  api: ApiClient,
  suiteId: string,
  options: ScheduleOptions,
): Promise<void> {
  const running = whenRunning.find((each) => each === options.whenRunning);
  const missed = whenMissed.find((each) => each === options.whenMissed);
  const jitterSeconds = Number(options.jitter);
  if (!Number.isInteger(jitterSeconds))
    throw new Error(`--jitter: expected a whole number of seconds, found ${options.jitter}.`);
  const made = await api.post('/api/v1/schedules', {
    body: {
      name: options.name ?? suiteId,
      suiteId,
      cron: options.cron,
      timeZone: options.timeZone,
      jitterSeconds,
      ...(options.profile === undefined ? {} : { profile: options.profile }),
      ...(options.backend === undefined ? {} : { backend: options.backend }),
      ...(running ? { whenRunning: running } : {}),
      ...(missed ? { whenMissed: missed } : {}),
    },
  });
  context.terminal.note(`Next at ${made.nextTimes.join(', ')}.`);
  printResult(context, made, () => [made.id]);
}

/** `gantry schedules on` and `off`. */
export async function switchSchedule(
  { terminal }: CommandContext,
  api: ApiClient,
  id: string,
  enabled: boolean,
): Promise<void> {
  const request = scheduleRequestOf(await api.get('/api/v1/schedules/{id}', { params: { id } }));
  const changed = await api.put('/api/v1/schedules/{id}', { params: { id }, body: { ...request, enabled } });
  terminal.note(enabled ? `${request.name} is next at ${changed.nextTimes[0]}.` : `${request.name} is off.`);
}

/** `gantry schedules rm`: removes a schedule; its executions stay. */
export async function removeSchedule(
  { terminal }: CommandContext,
  api: ApiClient,
  id: string,
): Promise<void> {
  await api.remove('/api/v1/schedules/{id}', { params: { id } });
  terminal.note(`Removed ${id}.`);
}

/** `gantry schedules history`: what came of the planned times of a schedule. */
export async function listFirings(context: CommandContext, api: ApiClient, id: string): Promise<void> {
  const firings = await api.get('/api/v1/schedules/{id}/firings', { params: { id } });
  printResult(context, firings, () =>
    formatTable(
      ['PLANNED', 'STATUS', 'EXECUTION', ''],
      firings.items.map((each) => [each.plannedAt, each.status, each.executionId ?? '', each.reason ?? '']),
    ),
  );
}
