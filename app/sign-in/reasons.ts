/** Why next-auth or Gantry sent somebody back, by the code in `?error=`. */
const reasons: Record<string, string> = {
  CredentialsSignin: 'The e-mail address or the password is not right.',
  TooMany: 'There were too many tries. Wait a quarter of an hour, or ask an admin.',
  NoAddress: 'The identity provider did not say which e-mail address is yours. Ask an admin.',
  Domain: 'Addresses of your domain may not sign in here. Ask an admin.',
  NoRole: 'None of your groups has a role here. Ask an admin.',
  NotLinked:
    'Somebody with your e-mail address is here already, and the identity provider has not checked that it is yours.',
  SomebodyElse:
    'Somebody else has signed in at the identity provider than here, or your session here has ended. Nothing was confirmed.',
  Disabled: 'You may not sign in any more. Ask an admin.',
  AccessDenied: 'The identity provider did not let you in.',
  OAuthSignin: 'The identity provider does not answer. Try again, or ask an admin.',
  OAuthCallback: 'The identity provider did not confirm the sign-in, or it took too long. Try again.',
};

/** One sentence for people; null: nothing went wrong. */
export function reasonOf(code: string | null): string | null {
  if (code === null || code === '') return null;
  return Object.hasOwn(reasons, code) ? (reasons[code] ?? null) : 'The sign-in did not work. Try again.';
}
