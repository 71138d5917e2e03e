/** What listeners wait for. `queue`: something can be claimed. `overview`: a summary has changed. */
export const queueTopic = 'queue';
export const overviewTopic = 'overview';

export function executionTopic(id: string): string {
  return `execution:${id}`;
}

export function logsTopic(id: string): string {
  return `logs:${id}`;
}
