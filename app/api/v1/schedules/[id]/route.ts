import { deleteSchedule, getSchedule, updateSchedule } from '@/lib/http/operations/schedules';
import { route } from '@/lib/server';

export const GET = route(getSchedule, async ({ context, params }) =>
  Response.json(await context.schedules.get(params.id ?? '')),
);

export const PUT = route(updateSchedule, async ({ context, principal, params, body, audit }) => {
  const schedule = await context.schedules.save(params.id ?? '', body, principal.name);
  const { suiteId, cron, timeZone, enabled } = schedule;
  await audit.recordAfter({ detail: { suite: suiteId, cron, timeZone, enabled } });
  return Response.json(schedule);
});

export const DELETE = route(deleteSchedule, async ({ context, params }) => {
  await context.schedules.remove(params.id ?? '');
  return new Response(null, { status: 204 });
});
