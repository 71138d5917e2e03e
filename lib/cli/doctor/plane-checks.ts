import type { ApiClient } from '../../client/api-client';
import { ApiProblem, ControlPlaneUnreachable } from '../../client/api-errors';
import { messageOf } from '../../model/errors';
import { type Finding, failed, ok, warning } from './finding';
import { checkClock } from './machine-checks';

/** What the control plane says of itself. */
export async function checkControlPlane(api: ApiClient, now: () => Date): Promise<Finding[]> {
  try {
    // Without the token, which only a database that answers can look up.
    const health = await fetch(`${api.url}/api/v1/system/healthz`).catch((cause: unknown) => {
      throw new ControlPlaneUnreachable(`Gantry at ${api.url} does not answer. Is it started (npm start)?`, {
        cause,
      });
    });
    const date = Date.parse(health.headers.get('date') ?? '');
    const clock = Number.isNaN(date) ? [] : [checkClock(date - now().getTime())];
    return [
      ok('control plane', `${api.url} answers`),
      ...clock,
      ...(await checkReadiness(api)),
      ...(await checkAccess(api)),
    ];
  } catch (error) {
    return [failed('control plane', messageOf(error), 'Start it (gantry up), or correct GANTRY_URL.')];
  }
}

async function checkReadiness(api: ApiClient): Promise<Finding[]> {
  // It answers 503 where a check fails, with the same body.
  const response = await fetch(`${api.url}/api/v1/system/readyz`);
  const { checks }: { checks?: { name: string; status: string; detail: string }[] } = await response.json();
  return (checks ?? []).map(({ name, status, detail }) => {
    if (status === 'ok') return ok(name, detail);
    const todo = `Look at it again: ${api.url}/readyz/${name}`;
    return status === 'degraded' ? warning(name, detail, todo) : failed(name, detail, todo);
  });
}

async function checkAccess(api: ApiClient): Promise<Finding[]> {
  try {
    const { name, role } = await api.get('/api/v1/session', {});
    const { items } = await api.get('/api/v1/backends', {});
    const backends = items.map(({ id, label, available, reason }) =>
      available
        ? ok(`backend ${id}`, label)
        : warning(
            `backend ${id}`,
            `${label}: ${reason ?? 'not available'}`,
            'Needed only for what runs there.',
          ),
    );
    const hasOne = items.some(({ available }) => available);
    const none = failed('backends', 'none is available', 'Start Docker, or set a backend in the settings.');
    return [ok('token', `${name}, ${role}`), ...backends, ...(hasOne ? [] : [none])];
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    return [failed('token', error.message, 'Set GANTRY_TOKEN to a token of this control plane.')];
  }
}
