import { holderOf } from '@/lib/http/agents/agent-access';
import { sendLogs } from '@/lib/http/operations/agent-control';
import { route } from '@/lib/server';

export const POST = route(sendLogs, async ({ context, principal, params, body }) => {
  const lines =
    'lines' in body
      ? body.lines
      : [{ stream: body.stream ?? 'stdout', atMs: context.clock.now().getTime(), text: body.line }];
  const firstSeq = 'lines' in body ? body.firstSeq : null;
  const holder = holderOf(principal, body);
  const id = params.id ?? '';
  const masker = await context.jobMasks.of(id, body.agentId);
  const masked = lines.map((line) => ({ ...line, text: masker.text(line.text) }));
  const ackedSeq = await context.store.jobs.appendLines(id, holder, firstSeq, masked);
  return Response.json({ ackedSeq });
});
