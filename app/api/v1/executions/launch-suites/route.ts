import { listLaunchSuites } from '@/lib/http/operations/executions';
import { route } from '@/lib/server';

export const GET = route(listLaunchSuites, async ({ context, suites }) =>
  Response.json((await context.engine.launchSuites()).filter(({ id }) => suites.may('launch', id))),
);
