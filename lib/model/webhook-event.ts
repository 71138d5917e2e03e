/** What a webhook may be told of. A timed-out execution counts as failed. */
export const webhookEvents = [
  'execution.passed',
  'execution.failed',
  'execution.errored',
  'execution.became_passed',
  'execution.became_failed',
  'execution.needs_attention',
] as const;

/**
 * What is sent: the signed message of Gantry, or what a chat or a forge takes. For `github` and `gitlab` the URL is that
 * of a project in its API, and the secret a token: each message is a status of the commit in the label `commit`.
 */
export const webhookForms = ['gantry', 'slack', 'teams', 'mattermost', 'github', 'gitlab'] as const;
