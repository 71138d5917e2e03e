import { createToken, listTokens } from '@/lib/http/operations/access';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import { route } from '@/lib/server';

const headers = { 'cache-control': 'no-store' };

export const GET = route(listTokens, async ({ context }) =>
  Response.json({ items: await context.store.tokens.list() }, { headers }),
);

/** The token's text is in this answer and nowhere else. */
export const POST = route(
  createToken,
  async ({ context, principal, body: { name, role, suites = null, expiresInMs }, audit }) => {
    const expiresAt =
      expiresInMs === undefined ? null : new Date(context.clock.now().getTime() + expiresInMs).toISOString();
    const text = newTokenText('api');
    const token = { kind: 'api', name, role, expiresAt, madeBy: principal.name } as const;
    const { id } = await context.store.tokens.add(suites ? { ...token, suites } : token, hashToken(text));
    await audit.record({
      subject: { kind: 'token', id },
      detail: { kind: 'api', name, role, suites, expiresAt },
    });
    return Response.json({ id, name, role, suites, expiresAt, token: text }, { status: 201, headers });
  },
);
