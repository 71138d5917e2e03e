import { z } from 'zod';
import type { OutgoingClient, OutgoingRequest } from '../outgoing/client';

export interface LoginCheckOptions {
  /** Hosts that are spoken to without TLS, beside those of this machine. */
  insecure: readonly string[];
  outgoing: Pick<OutgoingClient, 'request'>;
  addresses: OutgoingRequest['addresses'];
}

const limitMs = 15_000;
const maxAnswerBytes = 1024 ** 2;
const localHost = /^(localhost|127\.[\d.]+)(:\d+)?$/;
const tokenAnswer = z.object({ token: z.string().min(1) }).or(z.object({ access_token: z.string().min(1) }));

/**
 * What the registry says to a login, by the protocol of the OCI distribution specification: `/v2/` with Basic, or with
 * a token from the realm that it names. Never rejects, and no message has the password in it.
 */
export async function checkLogin(
  options: LoginCheckOptions,
  { host, user, password }: { host: string; user: string; password: string },
): Promise<{ accepted: boolean; message: string }> {
  const isPlain = localHost.test(host) || options.insecure.includes(host);
  const base = `${isPlain ? 'http' : 'https'}://${host === 'docker.io' ? 'registry-1.docker.io' : host}/v2/`;
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const no = (message: string) => ({ accepted: false, message });
  try {
    const open = await get(options, base, null);
    if (open.status === 200) return { accepted: true, message: `${host} asks for no login.` };
    if (open.status !== 401)
      return no(`${host} answers ${open.status}: expected 200 or 401 of a registry. Check the host.`);
    const realm = realmOf(open.challenge, isPlain);
    if (realm === 'unsafe') return no(`${host} names a realm that is no https URL: nothing was sent to it.`);
    const answer = await get(options, realm ?? base, basic);
    const isIn =
      answer.status === 200 && (realm === null || tokenAnswer.safeParse(jsonOf(answer.body)).success);
    if (isIn) return { accepted: true, message: `${host} accepts the login of ${user}.` };
    if (answer.status === 429) return no(`${host} limits requests now (429). Wait, and test again.`);
    if (answer.status === 401 || answer.status === 403)
      return no(`${host} does not accept the login of ${user} (${answer.status}). Check user and password.`);
    return no(`${host} answers ${answer.status} to the login of ${user}.`);
  } catch (error) {
    return no(`${host} cannot be reached: ${withoutStop(error)}.`);
  }
}

/** Null: there is none, and the registry itself takes the login. */
function realmOf(challenge: string, isPlain: boolean): string | null {
  if (!/^bearer/i.test(challenge)) return null;
  const parameters = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const realm = parameters.get('realm') ?? '';
  const url = URL.canParse(realm) ? new URL(realm) : null;
  if (url?.protocol !== 'https:' && !(isPlain && url?.protocol === 'http:')) return 'unsafe';
  const service = parameters.get('service');
  if (service) url.searchParams.set('service', service);
  return url.href;
}

/** Redirects are not followed: the login goes to nobody else. */
async function get(
  { outgoing, addresses }: LoginCheckOptions,
  url: string,
  authorization: string | null,
): Promise<{ status: number; challenge: string; body: string }> {
  const { status, headers, body } = await outgoing.request(url, {
    headers: { 'user-agent': 'gantry', ...(authorization === null ? {} : { authorization }) },
    limitMs,
    maxBytes: maxAnswerBytes,
    maxRedirects: 0,
    addresses,
  });
  return { status, challenge: headers.get('www-authenticate') ?? '', body: body.toString('utf8') };
}

function withoutStop(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
