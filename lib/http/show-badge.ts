import type { Principal } from '../identity/principal';
import { hasRole } from '../identity/principal';
import { suiteAccessOf } from '../identity/suite-access';
import { AppError } from '../model/errors';
import type { SuiteBadge } from '../model/suite-details';
import type { Store } from '../store/store';
import { answerBadge, drawBadge } from './badge';
import type { RouteRequest } from './route-request';

interface BadgeSources {
  store: Pick<Store, 'grants' | 'executions'>;
  suites: {
    /** Null if there is no such suite. */
    badge(id: string): Promise<SuiteBadge | null>;
  };
}

interface BadgeQuery {
  profile?: string | undefined;
  label?: string | undefined;
}

/**
 * Answers the badge of a suite. Without a token or session it rejects with `unauthorized` for a suite that is not public
 * and one that is not there alike; a caller who may not see the suite gets `suite_not_found`.
 */
export async function showBadge(
  { store, suites }: BadgeSources,
  { request, principal }: { request: Pick<RouteRequest, 'headers'>; principal: Principal },
  id: string,
  query: BadgeQuery,
): Promise<Response> {
  const badge = await suites.badge(id);
  const isPublic = badge?.isPublic === true;
  if (!isPublic) {
    const isKnown = principal.tokenId !== undefined && hasRole(principal, 'viewer');
    if (!isKnown)
      throw new AppError(
        'unauthorized',
        'A badge is shown to everybody only if the suite.yaml has `public_badge: true`. Sign in, or send a token.',
      );
    const maySee = suiteAccessOf(principal, await store.grants.list()).may('see', id);
    if (!badge || !maySee)
      throw new AppError('suite_not_found', `There is no suite \`${id}\` below the suite roots.`);
  }
  const state =
    badge.profile === null
      ? 'invalid'
      : ((await store.executions.lastResult(id, query.profile ?? badge.profile)) ?? 'none');
  return answerBadge(request, drawBadge(query.label ?? badge.title, state), isPublic);
}
