import { createAgentToken } from '@/lib/http/operations/agents';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import { route } from '@/lib/server';

/** The token's text is in this answer and nowhere else. */
export const POST = route(createAgentToken, async ({ context, principal, body: { name }, audit }) => {
  const text = newTokenText('agent');
  const token = await context.store.tokens.add(
    { kind: 'agent', name, role: 'agent', expiresAt: null, madeBy: principal.name },
    hashToken(text),
  );
  await audit.record({ subject: { kind: 'token', id: token.id }, detail: { kind: 'agent', name } });
  return Response.json(
    { id: token.id, name, token: text },
    { status: 201, headers: { 'cache-control': 'no-store' } },
  );
});
