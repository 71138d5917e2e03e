import { streamRoutes } from './stream-routes';
import { POST as claimJob } from './v1/agent-control/claims/next/route';
import { POST as streamSubscriptions } from './v1/streams/route';

/** The routes that `npm start` answers without Next, by `operationId`: see `DirectRoutes`. */
export const directRoutes = { ...streamRoutes, claimJob, streamSubscriptions };
