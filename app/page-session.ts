import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { authenticateCookie, sessionCookie } from '@/lib/identity/authenticate';
import { getServer } from '@/lib/server';

export interface Person {
  name: string;
  role: 'viewer' | 'member' | 'admin';
}

/** For pages: who is signed in; sends everyone else to /sign-in. */
export async function requireSession(): Promise<Person> {
  const cookie = (await cookies()).get(sessionCookie)?.value;
  const principal = cookie ? await authenticateCookie(await getServer(), cookie) : null;
  if (!principal || principal.role === 'agent') redirect('/sign-in');
  return { name: principal.name, role: principal.role };
}
