import { route } from '@/lib/server';

export const GET = route({ access: 'public' }, async () => Response.json({ status: 'ok' }));
