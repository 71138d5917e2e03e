import type { SuiteRight } from '../model/suite-right';

/**
 * Where to find the suite of a request: `id` in the path, `suiteId` in the body, or the execution, test case or schedule
 * that `id` names. With `each` the request is about many suites, and the handler filters them. An environment has the
 * id of its execution.
 */
export type SuitePlace = 'id' | 'body' | 'execution' | 'environment' | 'case' | 'schedule' | 'each';

/** The right that a caller needs to the suites of all these places. */
export interface SuiteNeed {
  right: SuiteRight;
  of: readonly SuitePlace[];
}

const need = (right: SuiteRight, ...of: SuitePlace[]): SuiteNeed => ({ right, of });

/** The need of every route except those of agents, by method and path. Null: it has nothing to do with suites. */
export const suiteNeeds: Readonly<Record<string, SuiteNeed | null>> = {
  'GET /api/v1/executions/launch-suites': need('see', 'each'),
  'POST /api/v1/executions/preview': need('see', 'body'),
  'POST /api/v1/executions': need('launch', 'body'),
  'GET /api/v1/executions': need('see', 'each'),
  'GET /api/v1/executions/{id}': need('see', 'execution'),
  'GET /api/v1/executions/{id}/steps/{step}': need('see', 'execution'),
  'POST /api/v1/executions/{id}/cancel': need('launch', 'execution'),
  'POST /api/v1/executions/{id}/rerun': need('launch', 'execution'),
  'GET /api/v1/executions/{id}/events': need('see', 'execution'),
  'GET /api/v1/executions/{id}/logs': need('see', 'execution'),
  'GET /api/v1/executions/{id}/artifacts': need('see', 'execution'),
  'GET /api/v1/executions/{id}/artifacts/{artifact}': need('see', 'execution'),
  'GET /api/v1/executions/{id}/junit': need('see', 'execution'),
  'GET /api/v1/executions/{id}/cases': need('see', 'execution'),
  'GET /api/v1/cases': need('see', 'each'),
  'GET /api/v1/cases/{id}': need('see', 'case'),
  'PUT /api/v1/cases/{id}/mute': need('launch', 'case'),
  'DELETE /api/v1/cases/{id}/mute': need('launch', 'case'),
  'GET /api/v1/suites': need('see', 'each'),
  'GET /api/v1/suites/{id}': need('see', 'id'),
  'GET /api/v1/suites/{id}/profiles': need('see', 'id'),
  'POST /api/v1/suites/{id}/profiles': need('launch', 'id'),
  'GET /api/v1/suites/{id}/profiles/{profile}': need('see', 'id'),
  'PUT /api/v1/suites/{id}/profiles/{profile}': need('launch', 'id'),
  'DELETE /api/v1/suites/{id}/profiles/{profile}': need('launch', 'id'),
  'GET /api/v1/schedules': need('see', 'each'),
  'POST /api/v1/schedules': need('launch', 'body'),
  'GET /api/v1/schedules/{id}': need('see', 'schedule'),
  'PUT /api/v1/schedules/{id}': need('launch', 'schedule', 'body'),
  'DELETE /api/v1/schedules/{id}': need('launch', 'schedule'),
  'GET /api/v1/schedules/{id}/firings': need('see', 'schedule'),
  'GET /api/v1/schedule-times': null,
  'GET /api/v1/sandboxes': need('see', 'each'),
  'GET /api/v1/sandboxes/events': need('see', 'each'),
  'GET /api/v1/sandboxes/{id}': need('see', 'environment'),
  'GET /api/v1/sandboxes/{id}/logs': need('see', 'environment'),
  'POST /api/v1/sandboxes/{id}/reap': need('reap', 'environment'),
  'POST /api/v1/sandboxes/reap-all': need('reap', 'each'),
  'POST /api/v1/sandboxes/{id}/extend': need('keep', 'environment'),
  'POST /api/v1/sandboxes/{id}/exec': need('exec', 'environment'),
  'GET /api/v1/engine/overview': need('see', 'each'),
  'GET /api/v1/engine/overview/stream': need('see', 'each'),
  // The route of each subscription checks its own.
  'POST /api/v1/streams': need('see', 'each'),
  'GET /api/v1/agents': need('see', 'each'),
  'GET /api/v1/agents/events': need('see', 'each'),
  'GET /api/v1/backends': null,
  'GET /api/v1/session': null,
  'DELETE /api/v1/session': null,
  'POST /api/v1/session/stream-token': null,
  'POST /api/v1/session/password': null,
  'GET /api/v1/session/reauthentication': null,
  'POST /api/v1/session/reauthentication': null,
  'GET /api/v1/sessions': null,
  'DELETE /api/v1/sessions': null,
  'DELETE /api/v1/sessions/{id}': null,
  // These concern all suites at once. Tokens limited to suites cannot call them.
  'POST /api/v1/agents/{id}/drain': null,
  'DELETE /api/v1/agents/{id}': null,
  'POST /api/v1/agents/tokens': null,
  'DELETE /api/v1/agents/tokens/{token}': null,
  'GET /api/v1/triggers': null,
  'POST /api/v1/triggers': null,
  'GET /api/v1/triggers/{id}': null,
  'PUT /api/v1/triggers/{id}': null,
  'DELETE /api/v1/triggers/{id}': null,
  'GET /api/v1/triggers/{id}/deliveries': null,
  'GET /api/v1/webhooks': null,
  'POST /api/v1/webhooks': null,
  'GET /api/v1/webhooks/{id}': null,
  'PUT /api/v1/webhooks/{id}': null,
  'DELETE /api/v1/webhooks/{id}': null,
  'GET /api/v1/webhooks/{id}/deliveries': null,
  'POST /api/v1/webhook-deliveries/{id}/retry': null,
  'GET /api/v1/users': null,
  'POST /api/v1/users': null,
  'PUT /api/v1/users/{id}': null,
  'POST /api/v1/users/{id}/reset': null,
  'DELETE /api/v1/users/{id}/sessions': null,
  'POST /api/v1/session/sign-in-link': null,
  'GET /api/v1/tokens': null,
  'POST /api/v1/tokens': null,
  'POST /api/v1/tokens/{id}/rotate': null,
  'DELETE /api/v1/tokens/{id}': null,
  'GET /api/v1/grants': null,
  'POST /api/v1/grants': null,
  'DELETE /api/v1/grants/{id}': null,
  'GET /api/v1/audit': null,
  'GET /api/v1/audit/export': null,
  'GET /api/v1/audit/chain': null,
  'GET /api/v1/platform-settings': null,
  'PUT /api/v1/platform-settings': null,
  'POST /api/v1/platform-settings/registries/test': null,
};
