import { readSignInRequest } from '@/lib/http/sign-in-request';
import { answerSignIn } from '@/lib/identity/next-auth';
import { route } from '@/lib/server';

/** What next-auth answers: sign-in with a password or an identity provider. It has a protocol of its own and no part in `/api/v1`. */
const signIn = route(
  { access: 'public', audit: { action: 'session.sign_in', subject: 'session' } },
  async ({ context, request, params, audit }) => {
    audit.skip();
    const path = params.nextauth ?? '';
    return answerSignIn(context, await readSignInRequest(context, request, path, context.config.publicUrl), {
      signedIn: ({ session }, way) =>
        audit.record({
          actor: { kind: 'person', id: session.id, name: session.name },
          subject: { kind: 'session', id: session.id },
          detail: { role: session.role, way },
        }),
      refused: (reason) => audit.threw(reason),
    });
  },
);

export { signIn as GET, signIn as POST };
