/** Topics of notifications. `queue`: something can be claimed. `overview`: a summary has changed. */
export const queueTopic = 'queue';
export const overviewTopic = 'overview';

export function executionTopic(id: string): string {
  return `execution:${id}`;
}

export function logsTopic(id: string): string {
  return `logs:${id}`;
}

export function unfinishedTopic(id: string): string {
  return `unfinished:${id}`;
}

/** Some agent can claim something. */
export const jobQueueTopic = 'jobs';
/** An agent came, went, or is drained. */
export const agentsTopic = 'agents';

export function jobTopic(id: string): string {
  return `job:${id}`;
}

export function desiredStateTopic(id: string): string {
  return `job-wish:${id}`;
}
