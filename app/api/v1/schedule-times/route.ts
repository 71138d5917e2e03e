import { previewSchedule } from '@/lib/http/operations/schedules';
import { route } from '@/lib/server';

export const GET = route(previewSchedule, async ({ context, query }) =>
  Response.json({ items: context.schedules.nextTimes(query.cron, query.timeZone) }),
);
