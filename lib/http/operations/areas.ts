import * as access from './access';
import * as agentControl from './agent-control';
import * as agents from './agents';
import * as executions from './executions';
import type { Operation } from './operation';
import * as platform from './platform';
import * as sandboxes from './sandboxes';
import * as suites from './suites';

export interface Area {
  name: string;
  about: string;
  /** By `operationId`. */
  operations: Record<string, Operation>;
}

/** All operations of the API. */
export const areas: readonly Area[] = [
  { name: 'Executions', about: 'Launch suites, and watch what runs.', operations: { ...executions } },
  { name: 'Suites', about: 'What can be launched, and under which profiles.', operations: { ...suites } },
  {
    name: 'Environments',
    about: 'What executions own on the backends. The id of an environment is that of its execution.',
    operations: { ...sandboxes },
  },
  { name: 'Agents', about: 'Remote workers.', operations: { ...agents } },
  {
    name: 'Agent control',
    about: "The worker's side of a job. All of it is also there without `/api/v1` before it.",
    operations: { ...agentControl },
  },
  { name: 'Access', about: 'Who may do what, and who did.', operations: { ...access } },
  { name: 'Platform', about: 'Backends, settings, health.', operations: { ...platform } },
];
