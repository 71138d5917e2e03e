/**
 * When the person of a session has to have shown who they are a short while ago. `first password`: as long as they have no
 * password, and the route asks; otherwise the current one is in the body. `but to disable`: unless the body only disables.
 */
export type ReauthenticationNeed = 'always' | 'with secrets' | 'first password' | 'but to disable' | 'never';

/**
 * The need of every route that changes something, except those of agents and those for everyone, by method and path. What
 * gives somebody a way in or more rights needs it, and what changes secrets or where they are sent.
 */
export const reauthenticationNeeds: Readonly<Record<string, ReauthenticationNeed>> = {
  'POST /api/v1/tokens': 'always',
  'POST /api/v1/tokens/{id}/rotate': 'always',
  'POST /api/v1/agents/tokens': 'always',
  'POST /api/v1/session/sign-in-link': 'always',
  'POST /api/v1/session/password': 'first password',
  'DELETE /api/v1/sessions': 'always',
  'POST /api/v1/users': 'always',
  'PUT /api/v1/users/{id}': 'but to disable',
  'POST /api/v1/users/{id}/reset': 'always',
  'POST /api/v1/grants': 'always',
  'DELETE /api/v1/grants/{id}': 'always',
  'PUT /api/v1/platform-settings': 'always',
  'POST /api/v1/webhooks': 'always',
  'PUT /api/v1/webhooks/{id}': 'always',
  'POST /api/v1/triggers': 'always',
  'PUT /api/v1/triggers/{id}': 'always',
  'POST /api/v1/suites/{id}/profiles': 'with secrets',
  'PUT /api/v1/suites/{id}/profiles/{profile}': 'with secrets',
  // In an emergency nothing is to stand in the way of these.
  'DELETE /api/v1/users/{id}/sessions': 'never',
  'DELETE /api/v1/tokens/{id}': 'never',
  'DELETE /api/v1/agents/tokens/{token}': 'never',
  'DELETE /api/v1/sessions/{id}': 'never',
  'DELETE /api/v1/session': 'never',
  'POST /api/v1/session/stream-token': 'never',
  'POST /api/v1/session/reauthentication': 'never',
  'POST /api/v1/executions/preview': 'never',
  'POST /api/v1/executions': 'never',
  'POST /api/v1/executions/{id}/cancel': 'never',
  'POST /api/v1/executions/{id}/rerun': 'never',
  'PUT /api/v1/cases/{id}/mute': 'never',
  'DELETE /api/v1/cases/{id}/mute': 'never',
  'DELETE /api/v1/suites/{id}/profiles/{profile}': 'never',
  'POST /api/v1/schedules': 'never',
  'PUT /api/v1/schedules/{id}': 'never',
  'DELETE /api/v1/schedules/{id}': 'never',
  'POST /api/v1/sandboxes/{id}/reap': 'never',
  'POST /api/v1/sandboxes/reap-all': 'never',
  'POST /api/v1/sandboxes/{id}/extend': 'never',
  'POST /api/v1/sandboxes/{id}/exec': 'never',
  'POST /api/v1/streams': 'never',
  'POST /api/v1/agents/{id}/drain': 'never',
  'DELETE /api/v1/agents/{id}': 'never',
  'DELETE /api/v1/triggers/{id}': 'never',
  'DELETE /api/v1/webhooks/{id}': 'never',
  'POST /api/v1/webhook-deliveries/{id}/retry': 'never',
  // It stores nothing, and asks the registry alone that the password is for.
  'POST /api/v1/platform-settings/registries/test': 'never',
};
