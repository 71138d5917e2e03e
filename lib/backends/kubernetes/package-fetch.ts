import type { V1Container, V1SecurityContext, V1Volume } from '@kubernetes/client-node';
import type { KubernetesSettings } from '../../model/kubernetes-settings';
import { literal } from './literal';
import { fetcherNeeds, helperResources } from './pod-resources';
import { partsFolder } from './pod-scripts';

/** A package that the pod itself fetches from the control plane. */
export interface FetchedPackage {
  url: string;
  /** SHA-256 of the bytes that come, in hexadecimal. */
  sha256: string;
  /** The Secret with the token for one download, under the key `token`. */
  tokenSecret: string;
}

export const fetchContainer = 'package';
const tokenFolder = '/gantry/token';
/** How long a control plane may be away, or away again, while its package is fetched. */
const retryLimitMs = 60_000;

/**
 * Node, because it checks the certificate of the control plane, which busybox does not. What went wrong becomes the
 * container's termination message; the token is in none of them.
 */
const script = `
const [url, sha256] = process.argv.slice(1);
const { createHash } = require('node:crypto');
const { createWriteStream, readFileSync, writeFileSync } = require('node:fs');
const { pipeline } = require('node:stream/promises');
const authorization = 'Bearer ' + readFileSync('${tokenFolder}/token', 'utf8');
const final = (message) => Object.assign(new Error(message), { isFinal: true });

async function download() {
  const response = await fetch(url, { headers: { authorization }, redirect: 'error' });
  if (!response.ok) {
    const { detail = '' } = await response.json().catch(() => ({}));
    const message = 'it answered ' + response.status + ' ' + detail;
    throw response.status < 500 && response.status !== 429 ? final(message) : new Error(message);
  }
  const hash = createHash('sha256');
  const hashed = async function* (chunks) {
    for await (const chunk of chunks) { hash.update(chunk); yield chunk; }
  };
  await pipeline(response.body, hashed, createWriteStream('${partsFolder}/package.tar'));
  const found = hash.digest('hex');
  if (found !== sha256) throw final('what came has the SHA-256 ' + found + ', expected ' + sha256);
}

(async () => {
  for (const startMs = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 1000))) {
    try {
      return await download();
    } catch (error) {
      if (!error.isFinal && Date.now() - startMs < ${retryLimitMs}) continue;
      const why = error.cause ? error.cause.message || error.cause.code : error.message;
      writeFileSync('/dev/termination-log', new URL(url).origin + ': ' + why);
      process.exit(1);
    }
  }
})();
`;

/** The container that fetches before any other starts. */
export function fetcher(
  settings: KubernetesSettings,
  { url, sha256 }: FetchedPackage,
  securityContext: V1SecurityContext,
): V1Container {
  return {
    name: fetchContainer,
    image: settings.helperImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '-e', script, url, sha256].map(literal),
    resources: helperResources(fetcherNeeds),
    securityContext,
    volumeMounts: [
      { name: 'package', mountPath: partsFolder },
      { name: 'token', mountPath: tokenFolder, readOnly: true },
    ],
  };
}

export function fetchVolumes({ tokenSecret }: FetchedPackage): V1Volume[] {
  return [
    { name: 'package', emptyDir: {} },
    { name: 'token', secret: { secretName: tokenSecret } },
  ];
}
