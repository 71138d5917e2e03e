import { describe, expect, it } from 'vitest';
import { classifyPull, explainPull } from '@/lib/backends/pull-refusal';

const around = {
  image: 'shop/api:1',
  host: 'docker.io',
  login: null,
  platform: 'linux/amd64',
  said: '',
};

describe('Why an image could not be pulled', () => {
  it.each([
    [404, 'manifest unknown', 'missing'],
    [null, 'manifest for shop/api:1 not found: manifest unknown', 'missing'],
    [401, 'authentication required', 'not_allowed'],
    [403, 'anything', 'not_allowed'],
    [null, 'no basic auth credentials', 'not_allowed'],
    [429, 'anything', 'rate_limited'],
    [500, 'toomanyrequests: You have reached your pull rate limit', 'rate_limited'],
    [404, 'no matching manifest for linux/amd64 in the manifest list entries', 'no_platform'],
    [500, 'anything', 'unknown'],
    [null, 'no such host', 'unknown'],
  ] as const)('is told from the status %s and "%s": %s', (status, said, kind) => {
    expect(classifyPull(status, said)).toBe(kind);
  });

  it('has a sentence of its own for each', () => {
    expect(explainPull('missing', around)).toBe('The image shop/api:1 is not there');
    expect(explainPull('not_allowed', around)).toBe(
      'The image shop/api:1 may not be pulled: docker.io asks for a login, and there is none for it. Add one under Settings, Registries, or run "docker login docker.io" as the user that Gantry or the agent runs as',
    );
    expect(explainPull('not_allowed', { ...around, login: 'platform' })).toBe(
      'The image shop/api:1 may not be pulled: docker.io does not accept the login for docker.io under Settings, Registries',
    );
    expect(explainPull('no_platform', around)).toBe('The image shop/api:1 is not made for linux/amd64');
  });

  it.each([
    ['docker.io', 'toomanyrequests', 'Wait: Docker Hub counts the pulls of the last six hours'],
    ['ghcr.io', 'toomanyrequests', 'Wait: it does not say how long'],
    ['ghcr.io', 'toomanyrequests: retry-after: 120', 'Wait 120 seconds'],
    ['ghcr.io', 'too many requests, try again in 5 minutes', 'Wait 5 minutes'],
    ['ghcr.io', 'too many requests, retry-after: 1h', 'Wait 1 hour'],
    ['ghcr.io', 'toomanyrequests: retry-after: 402.4µs, allowed: 44000/minute', 'Wait a moment'],
  ])('says how long to wait for %s, which said "%s"', (host, said, wait) => {
    expect(explainPull('rate_limited', { ...around, host, said })).toBe(
      `The image shop/api:1 cannot be pulled now: ${host} limits how often images are pulled. ${wait}, give it a login under Settings, Registries, or use a mirror`,
    );
  });
});
