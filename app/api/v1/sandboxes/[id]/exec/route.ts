import { progressResponse } from '@/lib/http/progress-response';
import { type ExecProgress, execRequest } from '@/lib/model/environment';
import { route } from '@/lib/server';

/** Runs a command in a container and streams what it prints; it is ended when the client leaves. */
export const POST = route(
  { access: 'member', body: execRequest },
  async ({ context, request, principal, params, body }) =>
    progressResponse<{ items: ExecProgress[] }, ExecProgress>(context, request, async (say) => {
      const items: ExecProgress[] = [];
      const both = (item: ExecProgress) => {
        items.push(item);
        say(item);
      };
      const { environments } = context.engine;
      await environments.exec(params.id ?? '', { ...body, by: principal.name }, both, request.signal);
      return { items };
    }),
);
