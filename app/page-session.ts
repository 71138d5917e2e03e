import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { authenticateCookie, sessionCookie } from '@/lib/identity/authenticate';
import type { Principal } from '@/lib/identity/principal';
import { getServer } from '@/lib/server';

/** For pages: who is signed in; sends everyone else to /sign-in. */
export async function requireSession(): Promise<Principal> {
  const cookie = (await cookies()).get(sessionCookie)?.value;
  const principal = cookie ? await authenticateCookie(await getServer(), cookie) : null;
  if (!principal) redirect('/sign-in');
  return principal;
}
