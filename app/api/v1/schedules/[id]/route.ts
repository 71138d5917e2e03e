import { deleteSchedule, getSchedule, updateSchedule } from '@/lib/http/operations/schedules';
import { withSuiteRights } from '@/lib/http/visible';
import { makerOf } from '@/lib/identity/launch-refusal';
import { route } from '@/lib/server';

export const GET = route(getSchedule, async ({ context, params, suites }) =>
  Response.json(withSuiteRights(await context.schedules.get(params.id ?? ''), suites)),
);

export const PUT = route(updateSchedule, async ({ context, principal, suites, params, body, audit }) => {
  const schedule = await context.schedules.save(params.id ?? '', body, makerOf(principal));
  const { suiteId, cron, timeZone, enabled } = schedule;
  await audit.recordAfter({ detail: { suite: suiteId, cron, timeZone, enabled } });
  return Response.json(withSuiteRights(schedule, suites));
});

export const DELETE = route(deleteSchedule, async ({ context, params }) => {
  await context.schedules.remove(params.id ?? '');
  return new Response(null, { status: 204 });
});
