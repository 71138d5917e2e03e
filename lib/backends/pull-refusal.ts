import { AppError } from '../model/errors';

/** Why an image could not be pulled, as far as the engine tells: it has statuses for few of these, and else words. */
export type PullRefusal = 'missing' | 'not_allowed' | 'rate_limited' | 'no_platform' | 'unknown';

const words: [PullRefusal, RegExp][] = [
  ['no_platform', /no matching manifest for|does not match the specified platform|no match for platform/i],
  ['rate_limited', /toomanyrequests|too many requests|rate limit|\b429\b/i],
  // Docker Hub says the same of an image that it does not have and of one that it does not show.
  [
    'missing',
    /manifest unknown|manifest for .* not found|name unknown|does not exist or may require|not found: does not exist/i,
  ],
  [
    'not_allowed',
    /no basic auth credentials|unauthorized|authentication required|\bdenied\b|forbidden|\b40[13]\b/i,
  ],
];

/** A step's image cannot be pulled; `kind` says why. */
export class ImageMissing extends AppError {
  constructor(
    readonly kind: PullRefusal,
    message: string,
    options?: { cause?: unknown },
  ) {
    super('image_missing', message, options);
  }
}

export function classifyPull(status: number | null, said: string): PullRefusal {
  const [kind] = words.find(([, pattern]) => pattern.test(said)) ?? [];
  if (kind) return kind;
  if (status === 404) return 'missing';
  if (status === 401 || status === 403) return 'not_allowed';
  return status === 429 ? 'rate_limited' : 'unknown';
}

/** What stands behind the login that a registry was shown; null where it was shown none. */
export type LoginOrigin = 'platform' | 'docker' | 'cluster' | null;

/** The sentence for it, without what the registry said. */
export function explainPull(
  kind: PullRefusal,
  {
    image,
    host,
    login,
    platform,
    said,
    isCluster = false,
  }: { image: string; host: string; login: LoginOrigin; platform: string; said: string; isCluster?: boolean },
): string {
  switch (kind) {
    case 'not_allowed':
      return `The image ${image} may not be pulled: ${login === null ? whereToLogIn(host, isCluster) : `${host} does not accept ${originWords[login](host)}`}`;
    case 'rate_limited':
      return `The image ${image} cannot be pulled now: ${host} limits how often images are pulled. ${waitOf(host, said)}, give it a login under Settings, Registries, or use a mirror`;
    case 'no_platform':
      return `The image ${image} is not made for ${platform}`;
    default:
      return `The image ${image} is not there`;
  }
}

const originWords: Record<NonNullable<LoginOrigin>, (host: string) => string> = {
  platform: (host) => `the login for ${host} under Settings, Registries`,
  docker: () => 'the credentials that "docker login" has stored for it',
  cluster: () => "the pull secrets of the cluster's settings",
};

function whereToLogIn(host: string, isCluster: boolean): string {
  const other = isCluster
    ? "or name a Secret in imagePullSecrets of the cluster's settings"
    : `or run "docker login ${host}" as the user that Gantry or the agent runs as`;
  return `${host} asks for a login, and there is none for it. Add one under Settings, Registries, ${other}`;
}

/** Registries tell the time to wait in a header, which few engines pass on. */
function waitOf(host: string, said: string): string {
  const told =
    /(?:retry[- ]after|try again in|wait)\W{0,3}(\d+(?:\.\d+)?) ?(ns|µs|us|ms|s|sec|second|m|min|minute|h|hour)?s?(?![a-zµ])/iu.exec(
      said,
    );
  if (told && /^(ns|µs|us|ms)$/i.test(told[2] ?? '')) return 'Wait a moment';
  if (told) return `Wait ${told[1]} ${unitOf(told[2] ?? 's')}${told[1] === '1' ? '' : 's'}`;
  if (host === 'docker.io') return 'Wait: Docker Hub counts the pulls of the last six hours';
  return 'Wait: it does not say how long';
}

function unitOf(word: string): string {
  const first = word[0]?.toLowerCase();
  return first === 'h' ? 'hour' : first === 'm' ? 'minute' : 'second';
}
