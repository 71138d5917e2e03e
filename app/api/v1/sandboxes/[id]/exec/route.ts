import { cutText } from '@/lib/http/audit-trail';
import { execInEnvironment } from '@/lib/http/operations/sandboxes';
import { progressResponse } from '@/lib/http/progress-response';
import type { ExecProgress } from '@/lib/model/environment';
import { route } from '@/lib/server';

/** Runs a command in a container and streams what it prints; it is ended when the client leaves. */
export const POST = route(
  execInEnvironment,
  async ({ context, request, params, body: { resource, command }, audit, principal }) =>
    progressResponse<{ items: ExecProgress[] }, ExecProgress>(request, principal, async (say) => {
      const items: ExecProgress[] = [];
      const both = (item: ExecProgress) => {
        items.push(item);
        say(item);
      };
      const open = (masked: string) => audit.record({ detail: { resource, command: cutText(masked) } });
      const { exec } = context.engine.environments;
      await audit.during(async () => {
        await exec(params.id ?? '', { resource, command, open }, both, request.signal);
        const exitCode = items.flatMap((item) => (item.type === 'exit' ? [item.exitCode] : []))[0] ?? null;
        await audit.recordAfter({ action: 'exec.close', detail: { resource, exitCode } });
      });
      return { items };
    }),
);
