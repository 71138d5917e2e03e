import { expect, it } from 'vitest';
import { matchPath } from '@/lib/http/operations/match-path';

it.each([
  ['/api/v1/executions', 'createExecution', 'POST', {}],
  ['/api/v1/executions/e-1/events', 'streamEvents', 'GET', { id: 'e-1' }],
  ['/api/v1/executions/e-1/steps/a/b/c', 'getStep', 'GET', { id: 'e-1', step: 'a/b/c' }],
  ['/api/v1/executions/launch-suites', 'listLaunchSuites', 'GET', {}],
  ['/agent-control/claims/next', 'claimJob', 'POST', {}],
  ['/agent-control/jobs/j-1/lease', 'renewLease', 'POST', { id: 'j-1' }],
  ['/readyz/datastore', 'getReadinessCheck', 'GET', { check: 'datastore' }],
])('%s is %s', (path, operation, method, params) => {
  const match = matchPath(path);
  expect(match?.operations.get(method)).toBe(operation);
  expect(match?.params).toEqual(params);
});

it.each(['/', '/launch', '/api/v1/none', '/agent-control', '/healthzz', '/api/v1/executions//events'])(
  '%s is not of the API',
  (path) => {
    expect(matchPath(path)).toBe(null);
  },
);
