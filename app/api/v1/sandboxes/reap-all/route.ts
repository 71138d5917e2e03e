import { reapNotes } from '@/lib/http/audit-notes';
import { reapAllEnvironments } from '@/lib/http/operations/sandboxes';
import { progressResponse } from '@/lib/http/progress-response';
import { hasRole } from '@/lib/identity/principal';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const POST = route(
  reapAllEnvironments,
  async ({ context, request, principal, suites, body: { scope, force }, audit }) => {
    if (scope === 'all' && !hasRole(principal, 'admin')) {
      throw new AppError('forbidden', 'Only an admin may reap everything. Members may reap zombies.');
    }
    await audit.record({ detail: { scope, force } });
    const { environments } = context.engine;
    return progressResponse(request, principal, (say) =>
      audit.during(async () => {
        const mayReap = ({ suiteId }: { suiteId: string | null }) => suites.may('reap', suiteId);
        const options = { by: principal.name, force, mayReap };
        const results = await environments.reapAll(scope, options, say);
        await audit.recordAfter(...reapNotes(results));
        return results;
      }),
    );
  },
);
