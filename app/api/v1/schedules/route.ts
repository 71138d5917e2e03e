import { createSchedule, listSchedules } from '@/lib/http/operations/schedules';
import { route } from '@/lib/server';

export const GET = route(listSchedules, async ({ context, suites }) =>
  Response.json({
    items: (await context.schedules.list()).filter(({ suiteId }) => suites.may('see', suiteId)),
  }),
);

export const POST = route(createSchedule, async ({ context, principal, body, audit }) => {
  const schedule = await context.schedules.save(null, body, principal.name);
  await audit.recordAfter({
    subject: { kind: 'schedule', id: schedule.id },
    detail: { suite: schedule.suiteId, cron: schedule.cron, timeZone: schedule.timeZone },
  });
  const headers = { location: `/api/v1/schedules/${schedule.id}` };
  return Response.json(schedule, { status: 201, headers });
});
