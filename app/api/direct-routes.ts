import { POST as claimJob } from './v1/agent-control/claims/next/route';
import { GET as streamAgents } from './v1/agents/events/route';
import { GET as streamOverview } from './v1/engine/overview/stream/route';
import { GET as streamEvents } from './v1/executions/[id]/events/route';
import { GET as streamLogs } from './v1/executions/[id]/logs/route';
import { GET as streamEnvironments } from './v1/sandboxes/events/route';

/** The routes that `npm start` answers without Next, by `operationId`: see `DirectRoutes`. */
export const directRoutes = {
  claimJob,
  streamAgents,
  streamEnvironments,
  streamOverview,
  streamEvents,
  streamLogs,
};
