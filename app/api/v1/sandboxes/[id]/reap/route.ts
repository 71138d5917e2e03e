import { reapNotes } from '@/lib/http/audit-notes';
import { checkMayReap } from '@/lib/http/may-reap';
import { reapEnvironment } from '@/lib/http/operations/sandboxes';
import { progressResponse } from '@/lib/http/progress-response';
import { route } from '@/lib/server';

export const POST = route(
  reapEnvironment,
  async ({ context, request, principal, suites, params, body: { force }, audit }) => {
    const id = params.id ?? '';
    const { environments } = context.engine;
    const known = (await environments.take()).environments.find((each) => each.id === id) ?? null;
    checkMayReap(principal, known, suites);
    await audit.record({ detail: { force, state: known?.state ?? null } });
    return progressResponse(request, principal, (say) =>
      audit.during(async () => {
        const result = await environments.reap(id, { by: principal.name, force }, say);
        await audit.recordAfter(...reapNotes([result]));
        return result;
      }),
    );
  },
);
