import { createSchedule, listSchedules } from '@/lib/http/operations/schedules';
import { withSuiteRights } from '@/lib/http/visible';
import { makerOf } from '@/lib/identity/launch-refusal';
import { route } from '@/lib/server';

export const GET = route(listSchedules, async ({ context, suites }) =>
  Response.json({
    items: (await context.schedules.list())
      .filter(({ suiteId }) => suites.may('see', suiteId))
      .map((schedule) => withSuiteRights(schedule, suites)),
  }),
);

export const POST = route(createSchedule, async ({ context, principal, suites, body, audit }) => {
  const schedule = await context.schedules.save(null, body, makerOf(principal));
  await audit.recordAfter({
    subject: { kind: 'schedule', id: schedule.id },
    detail: { suite: schedule.suiteId, cron: schedule.cron, timeZone: schedule.timeZone },
  });
  const headers = { location: `/api/v1/schedules/${schedule.id}` };
  return Response.json(withSuiteRights(schedule, suites), { status: 201, headers });
});
