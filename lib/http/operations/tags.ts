import * as access from './access';
import * as agentControl from './agent-control';
import * as agents from './agents';
import * as cases from './cases';
import * as executions from './executions';
import * as grants from './grants';
import type { Operation } from './operation';
import * as people from './people';
import * as platform from './platform';
import * as sandboxes from './sandboxes';
import * as schedules from './schedules';
import * as streams from './streams';
import * as suites from './suites';
import * as triggers from './triggers';
import * as webhooks from './webhooks';

export interface ApiTag {
  name: string;
  description: string;
  /** By `operationId`. */
  operations: Record<string, Operation>;
}

/** All operations of the API. */
export const apiTags: readonly ApiTag[] = [
  { name: 'Executions', description: 'Launch suites and follow executions.', operations: { ...executions } },
  {
    name: 'Test cases',
    description: 'The history of test cases over executions, and which of them are muted.',
    operations: { ...cases },
  },
  { name: 'Suites', description: 'Suites and their profiles.', operations: { ...suites } },
  {
    name: 'Schedules',
    description: 'Suites that are launched at set times.',
    operations: { ...schedules },
  },
  {
    name: 'Webhooks',
    description: 'Signed messages about executions that have ended.',
    operations: { ...webhooks },
  },
  {
    name: 'Triggers',
    description: 'Suites that are launched by signed messages of other systems.',
    operations: { ...triggers },
  },
  {
    name: 'Environments',
    description: 'Environments of executions on the backends. An environment has the id of its execution.',
    operations: { ...sandboxes },
  },
  { name: 'Agents', description: 'Remote workers.', operations: { ...agents } },
  {
    name: 'Agent control',
    description: "The worker's side of a job. All of it is also there without `/api/v1` before it.",
    operations: { ...agentControl },
  },
  {
    name: 'People',
    description: 'People who sign in, and the browsers that they are signed in with.',
    operations: { ...people },
  },
  {
    name: 'Grants',
    description: 'Rights of people, groups and tokens to suites, beside their roles.',
    operations: { ...grants },
  },
  { name: 'Access', description: 'Sessions, tokens and the audit log.', operations: { ...access } },
  { name: 'Streams', description: 'Many streams over one connection.', operations: { ...streams } },
  { name: 'Platform', description: 'Backends, settings, health.', operations: { ...platform } },
];
