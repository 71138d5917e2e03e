import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { z } from 'zod';
import { messageOf } from '../../model/errors';
import { isLocalAddress } from '../../outgoing/address-policy';
import { refusalOf } from './loopback-addresses';

/** What of a kubeconfig neither runs a program nor reads a file of this machine. */
const harmless = {
  cluster: new Set([
    'server',
    'certificate-authority-data',
    'insecure-skip-tls-verify',
    'tls-server-name',
    'disable-compression',
    'extensions',
  ]),
  user: new Set([
    'client-certificate-data',
    'client-key-data',
    'token',
    'username',
    'password',
    'extensions',
  ]),
};

const entries = z.array(z.looseObject({ name: z.string() }));
const kubeconfig = z.looseObject({
  clusters: entries.min(1, 'at least one cluster'),
  users: entries.default([]),
  contexts: entries.default([]),
});
const fields = z.record(z.string(), z.unknown());

/**
 * What is wrong with a kubeconfig that did not come from the operator of this machine, one sentence each: it must not
 * run programs, name files, or lead to this machine itself or its cloud's own services. Nothing of it is run.
 */
export async function validateKubeconfig(text: string, allowsLocalAddresses: boolean): Promise<string[]> {
  const { loadYaml } = await import('@kubernetes/client-node');
  let parsed: z.infer<typeof kubeconfig>;
  try {
    parsed = kubeconfig.parse(loadYaml(text));
  } catch (error) {
    const why =
      error instanceof z.ZodError ? (error.issues[0]?.message ?? '') : messageOf(error).split('\n')[0];
    return [`It is no kubeconfig: ${why}.`];
  }
  const unwanted = [
    ...parsed.clusters.flatMap((entry) => unwantedFields('cluster', entry)),
    ...parsed.users.flatMap((entry) => unwantedFields('user', entry)),
  ];
  const servers = parsed.clusters.map((entry) => fieldsOf(entry, 'cluster').server);
  const led = await Promise.all(servers.map((server) => whereTo(server, allowsLocalAddresses)));
  return [...unwanted, ...led.filter((each) => each !== null)];
}

function unwantedFields(kind: 'cluster' | 'user', entry: z.infer<typeof entries>[number]): string[] {
  return Object.keys(fieldsOf(entry, kind))
    .filter((name) => !harmless[kind].has(name))
    .map(
      (name) =>
        `The ${kind} ${entry.name} has \`${name}\`, which only a kubeconfig of the server's operator may.`,
    );
}

function fieldsOf(entry: Record<string, unknown>, kind: 'cluster' | 'user'): Record<string, unknown> {
  const parsed = fields.safeParse(entry[kind]);
  return parsed.success ? parsed.data : {};
}

async function whereTo(server: unknown, allowsLocalAddresses: boolean): Promise<string | null> {
  if (typeof server !== 'string' || !URL.canParse(server)) return 'A cluster has no `server` that is a URL.';
  const url = new URL(server);
  if (url.protocol !== 'https:') return `The server ${url.origin} is not https.`;
  if (allowsLocalAddresses) return null;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  try {
    const addresses = isIP(host) ? [host] : (await lookup(host, { all: true })).map(({ address }) => address);
    const localAddress = addresses.find(isLocalAddress);
    return localAddress === undefined ? null : refusalOf(server, localAddress);
  } catch {
    return `The server ${url.origin} cannot be found: its name has no address.`;
  }
}
