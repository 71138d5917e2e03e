import { rotateToken } from '@/lib/http/operations/access';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

/** The new token's text is in this answer and nowhere else. */
export const POST = route(
  rotateToken,
  async ({ context, principal, params: { id = '' }, body: { overlapMs }, audit }) => {
    const { tokens } = context.store;
    const known = (await tokens.stillValid([id])).get(id);
    const text = newTokenText(known?.kind === 'agent' ? 'agent' : 'api');
    const made = await tokens.rotate(id, hashToken(text), overlapMs, principal.name);
    if (!made) {
      throw new AppError(
        'not_found',
        `There is no token ${id} of an API client or of agents, or it has expired or is revoked.`,
      );
    }
    const { name, role, suites, expiresAt, formerExpiresAt } = made;
    const detail = { name, role, suites, expiresAt, replacedBy: made.id, formerExpiresAt };
    // The former token ends whatever becomes of the entry.
    await audit.recordAfter({ subject: { kind: 'token', id }, detail });
    const answer = { id: made.id, name, role, suites, expiresAt, token: text, formerExpiresAt };
    return Response.json(answer, { status: 201, headers: { 'cache-control': 'no-store' } });
  },
);
