import { GET as streamAgents } from './v1/agents/events/route';
import { GET as streamOverview } from './v1/engine/overview/stream/route';
import { GET as streamEvents } from './v1/executions/[id]/events/route';
import { GET as streamLogs } from './v1/executions/[id]/logs/route';
import { GET as streamEnvironments } from './v1/sandboxes/events/route';

/** The routes that stream, by `operationId`: the subscriptions of `/api/v1/streams`. */
export const streamRoutes = { streamAgents, streamEnvironments, streamOverview, streamEvents, streamLogs };
