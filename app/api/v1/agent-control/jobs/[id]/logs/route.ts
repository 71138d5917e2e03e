import { holderOf } from '@/lib/http/agents/agent-access';
import { logsRequest } from '@/lib/model/job';
import { route } from '@/lib/server';

export const POST = route(
  {
    access: 'agent',
    audit: { action: 'agent.control', subject: 'job', isRoutine: true },
    body: logsRequest,
    maxBodyBytes: 8 * 1024 * 1024,
  },
  async ({ context, principal, params, body }) => {
    const lines =
      'lines' in body
        ? body.lines
        : [{ stream: body.stream ?? 'stdout', atMs: context.clock.now().getTime(), text: body.line }];
    const firstSeq = 'lines' in body ? body.firstSeq : null;
    const holder = holderOf(principal, body);
    const ackedSeq = await context.store.jobs.appendLines(params.id ?? '', holder, firstSeq, lines);
    return Response.json({ ackedSeq });
  },
);
