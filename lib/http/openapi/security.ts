import type { ZodOpenApiSecuritySchemeObject } from 'zod-openapi';
import { reauthenticationNeedOf } from '../check-reauthentication';
import type { Operation } from '../operations/operation';
import type { ReauthenticationNeed } from '../reauthentication-needs';
import { suiteNeeds } from '../suite-needs';

export const securitySchemes: Record<string, ZodOpenApiSecuritySchemeObject> = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API token, which an admin makes on the page `/settings`.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'gantry_session_ID',
    description:
      'The session of a signed-in browser. ID: the first eight characters of the installation. With GANTRY_SECURE_COOKIES the name begins with `__Host-`. Requests of other sites may only read.',
  },
  streamToken: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description:
      'On streams, because EventSource sends no headers: a short-lived token of `/api/v1/session/stream-token`, or an API token.',
  },
  agentToken: { type: 'http', scheme: 'bearer', description: 'The token of agents.' },
  packageToken: { type: 'http', scheme: 'bearer', description: 'A token for one download of one package.' },
};

/** The ways to show who asks, one of which is enough. Empty: nobody needs to. */
export function securityOf({ access, stream, takesPackageToken }: Operation): Record<string, string[]>[] {
  const ways =
    access === 'agent'
      ? ['agentToken']
      : access !== 'public'
        ? ['token', 'session', ...(stream ? ['streamToken'] : [])]
        : takesPackageToken
          ? ['packageToken']
          : [];
  return ways.map((way) => ({ [way]: [] }));
}

const recent: Record<ReauthenticationNeed, string> = {
  always: ' Sessions need a recent sign-in.',
  'with secrets': ' Sessions need a recent sign-in where the body has secrets.',
  'first password': ' Sessions of people without a password need a recent sign-in.',
  'but to disable': ' Sessions need a recent sign-in, unless the body is `{"disabled": true}`.',
  never: '',
};

export function describeAccess(operation: Operation): string {
  return describeRole(operation) + recent[reauthenticationNeedOf(operation)];
}

function describeRole({ access, takesPackageToken, method, path }: Operation): string {
  if (takesPackageToken) return 'Requires a package token for this download.';
  if (access === 'public') return 'For everyone.';
  if (access === 'agent') return 'For agents.';
  const need = suiteNeeds[`${method} ${path}`];
  if (!need) return `Needs the role ${access}.`;
  const what = need.of.includes('each')
    ? 'Is about the suites that the caller may'
    : 'Where grants own the suite: needs the right';
  return `Needs the role ${access}. ${what} \`${need.right}\`.`;
}
