import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../model/errors';
import { type OutgoingClient, OutgoingFailure } from '../outgoing/client';
import type { SecretSource } from './secrets';

interface VaultDependencies {
  outgoing: Pick<OutgoingClient, 'request'>;
}

export interface VaultOptions {
  /** `https://vault.example:8200`. */
  address: string;
  token: string | null;
  /** Read anew each time: an agent of Vault keeps it fresh. */
  tokenFile: string | null;
  namespace: string | null;
  /** For one request. */
  limitMs: number;
}

/** Vault itself takes secrets up to 1 MiB. */
const maxAnswerBytes = 4 * 1024 * 1024;

const mountAnswer = z.object({
  data: z.object({ path: z.string(), type: z.string(), options: z.record(z.string(), z.string()).nullish() }),
});
const fieldsOf1 = z.object({ data: z.record(z.string(), z.unknown()) });
const fieldsOf2 = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()).nullable() }) });

/**
 * `vault:path#field`: HashiCorp Vault over HTTP, KV version 1 and 2, the path as `vault kv get` takes it. Vault is
 * asked which version is mounted there, as its own command line does.
 */
export function createVaultSource(deps: VaultDependencies, options: VaultOptions | null): SecretSource {
  return {
    async find(place, signal) {
      if (!options) throw missing('VAULT_ADDR is not set: the control plane knows no Vault');
      const hash = place.lastIndexOf('#');
      const [path, field] = [place.slice(0, hash).replace(/^\/+|\/+$/g, ''), place.slice(hash + 1)];
      const ask = async (at: string) => requestVault(deps, options, at, signal);
      const mount = mountAnswer.parse(
        expectThere(await ask(`sys/internal/ui/mounts/${encodePath(path)}`), 'no mount'),
      ).data;
      if (mount.type !== 'kv' && mount.type !== 'generic') {
        throw missing(`what is mounted at ${mount.path} is of the type ${mount.type}, not kv`);
      }
      const rest = `${path}/`.slice(mount.path.length).replace(/\/+$/, '');
      const isSecond = mount.options?.version === '2';
      const at = isSecond ? `${mount.path}data/${rest}` : `${mount.path}${rest}`;
      const answer = expectThere(await ask(encodePath(at)), 'no secret');
      const fields = isSecond ? fieldsOf2.parse(answer).data.data : fieldsOf1.parse(answer).data;
      const value = fields && Object.hasOwn(fields, field) ? fields[field] : undefined;
      if (typeof value === 'string') return value;
      if (typeof value === 'number') return String(value);
      const names = Object.keys(fields ?? {}).join(', ') || 'none';
      throw missing(
        value === undefined ? `it has no field "${field}"; there are ${names}` : `"${field}" is not a text`,
      );
    },
  };
}

/** The body, or null when Vault has nothing there. */
async function requestVault(
  { outgoing }: VaultDependencies,
  options: VaultOptions,
  at: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const headers = await headersOf(options);
  const { status, body } = await outgoing
    .request(`${options.address.replace(/\/+$/, '')}/v1/${at}`, {
      headers,
      limitMs: options.limitMs,
      maxBytes: maxAnswerBytes,
      // A token is for one server only.
      maxRedirects: 0,
      addresses: 'any',
      ...(signal ? { signal } : {}),
    })
    .catch((error: unknown) => {
      throw unavailable(failureOf(error, options.limitMs));
    });
  if (status === 404) return null;
  if (status === 403 || status === 401 || status === 400) {
    throw missing(`Vault refuses to tell it (${status}): look at the token's policy`);
  }
  if (status < 200 || status >= 300)
    throw unavailable(`Vault answers ${status}${status === 503 ? ': it is sealed' : ''}`);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw unavailable('Vault answers something else than JSON');
  }
}

function failureOf(error: unknown, limitMs: number): string {
  const why = error instanceof OutgoingFailure ? error.why : 'unreachable';
  if (why === 'late') return `Vault did not answer within ${limitMs / 1000} s`;
  if (why === 'too_large') return `Vault answers more than ${maxAnswerBytes / 1024 / 1024} MiB`;
  return 'Vault cannot be reached';
}

async function headersOf({ token, tokenFile, namespace }: VaultOptions): Promise<Record<string, string>> {
  const text = token ?? (tokenFile ? await readToken(tokenFile) : null);
  if (!text) throw missing('neither VAULT_TOKEN nor VAULT_TOKEN_FILE is set');
  return {
    'x-vault-request': 'true',
    'x-vault-token': text,
    ...(namespace === null ? {} : { 'x-vault-namespace': namespace }),
  };
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new AppError('secret_missing', 'the file of VAULT_TOKEN_FILE cannot be read', { cause: error });
  }
}

function expectThere(answer: unknown, what: string): unknown {
  if (answer === null) throw missing(`Vault has ${what} there`);
  return answer;
}

function encodePath(path: string): string {
  // A URL drops these, and with them what stands before.
  if (path.split('/').some((part) => part === '..' || part === '.'))
    throw missing('a path of Vault has no ".." and no "." in it');
  return path.split('/').map(encodeURIComponent).join('/');
}

function missing(message: string): AppError {
  return new AppError('secret_missing', message);
}

function unavailable(message: string): AppError {
  return new AppError('secret_unavailable', message);
}
