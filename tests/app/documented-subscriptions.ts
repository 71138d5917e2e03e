import { expect } from 'vitest';
import type { DocumentedApi } from '../support/documented-api';

/** Follows two streams over one connection, of which one is refused. */
export async function askSubscriptions(api: DocumentedApi): Promise<void> {
  const subscriptions = [
    { id: 'overview', path: '/api/v1/engine/overview/stream' },
    { id: 'nowhere', path: '/api/v1/executions/nobody/events?limit=1', after: 3 },
  ];
  expect(await api.follow('streamSubscriptions', { body: { subscriptions } }, 4)).toMatchObject([
    { subscription: 'overview', state: 'open' },
    { subscription: 'nowhere', state: 'refused', problem: { status: 404, code: 'execution_not_found' } },
    { subscription: 'overview' },
    { counts: {} },
  ]);
}
