import { checkMayReap } from '@/lib/http/may-reap';
import { progressResponse } from '@/lib/http/progress-response';
import { reapRequest } from '@/lib/model/environment';
import { route } from '@/lib/server';

export const POST = route(
  { access: 'member', body: reapRequest },
  async ({ context, request, principal, params, body }) => {
    const id = params.id ?? '';
    const { environments } = context.engine;
    checkMayReap(principal, (await environments.take()).environments.find((each) => each.id === id) ?? null);
    return progressResponse(context, request, (say) =>
      environments.reap(id, { by: principal.name, force: body.force }, say),
    );
  },
);
