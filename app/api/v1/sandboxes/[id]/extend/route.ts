import { checkMayReap } from '@/lib/http/may-reap';
import { extendEnvironment } from '@/lib/http/operations/sandboxes';
import { route } from '@/lib/server';

/** Keeps a kept environment for so long from now on. To release it, reap it. */
export const POST = route(extendEnvironment, async ({ context, principal, suites, params, body, audit }) => {
  const id = params.id ?? '';
  const { environments } = context.engine;
  const known = (await environments.take()).environments.find((each) => each.id === id) ?? null;
  checkMayReap(principal, known, suites, 'keep');
  const kept = await environments.extend(id, body.forMs);
  await audit.recordAfter({ detail: { keptUntil: kept.keptUntil } });
  return Response.json(kept);
});
