import { progressResponse } from '@/lib/http/progress-response';
import { hasRole } from '@/lib/identity/principal';
import { reapAllRequest } from '@/lib/model/environment';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const POST = route(
  { access: 'member', body: reapAllRequest },
  async ({ context, request, principal, body }) => {
    if (body.scope === 'all' && !hasRole(principal, 'admin')) {
      throw new AppError('forbidden', 'Only an admin may reap everything. Members may reap zombies.');
    }
    return progressResponse(context, request, (say) =>
      context.engine.environments.reapAll(body.scope, { by: principal.name, force: body.force }, say),
    );
  },
);
