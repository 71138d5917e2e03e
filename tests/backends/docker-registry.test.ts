import Docker from 'dockerode';
import { beforeAll, expect, test } from 'vitest';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import { dockerCredentials } from '@/lib/registries/docker-credentials';
import { registryLogin, startRegistry, storedLogin } from '../dependencies/registry-server';
import { buildImage } from '../support/build-image';
import { makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { newExecutionId, packageFiles } from './backend-contract';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { openDockerHarness, quietLogger } from './docker-harness';

const installation = 'docker-registry-test';
const small = 'gantry-test/pulled:1';

describeWith(['docker', 'docker-registry'], 'A registry with a password', () => {
  const docker = new Docker();
  const packages = createPackages();
  const packageDigest = packages.add(packageFiles);

  beforeAll(async () => {
    await openDockerHarness(packages, installation);
    await buildImage(docker, small, `FROM scratch\nCOPY --from=${toolboxImage} /bin/busybox /bin/busybox\n`);
  });

  /** How a step with the image ends, where `docker login` has left this. */
  async function attempt(
    config: object,
    image: string,
    pull: 'always' | 'missing' = 'always',
  ): Promise<string> {
    const env = storedLogin(config, image.split('/')[0] ?? '');
    const backend = createDockerBackend(
      {
        clock: systemClock,
        logger: quietLogger,
        openPackage: packages.openPackage,
        credentials: dockerCredentials(env),
      },
      { id: 'local', installation },
    );
    const executionId = newExecutionId();
    const environment = { executionId, suiteId: 's', profile: 'p', owner: 'o', services: [] };
    await backend.openEnvironment({ ...environment, deadline: '2099-01-01T00:00:00.000Z' });
    try {
      const command = ['/bin/busybox', 'true'];
      const node = { id: 'step', image, packageDigest, command, pull };
      const watched = watchStep(backend, makeStepSpec({ executionId, node }));
      return await watched.outcome.then(
        ({ exitCode, image }) =>
          `exit code ${exitCode} of ${image?.digest?.replace(/:[0-9a-f]{64}$/, '') ?? null}`,
        (error) =>
          `${error.code}: ${error.message}${watched.texts('system').join().includes('again in') ? ' (again)' : ''}`,
      );
    } finally {
      expect((await backend.closeEnvironment(executionId)).left).toEqual([]);
    }
  }

  test('has the images that were pulled from it, and none that was only made under its name', {
    timeout: 300_000,
  }, async () => {
    const { host } = await startRegistry({ asksForPassword: true });
    const image = `${host}/team/made-here:1`;
    const stored = { auths: { [host]: { auth: registryLogin } } };
    await docker.getImage(small).tag({ repo: `${host}/team/made-here`, tag: '1' });
    try {
      expect(await attempt(stored, image, 'missing')).toBe('exit code 0 of null');
      const authconfig = { username: 'ada', password: 'test-password', serveraddress: host };
      const pushed = await docker.getImage(image).push({ authconfig });
      await new Promise((resolve) => docker.modem.followProgress(pushed, resolve));
      expect(await attempt(stored, image)).toBe(`exit code 0 of ${host}/team/made-here@sha256`);
    } finally {
      await docker.getImage(image).remove({ force: true });
    }
  });

  test('is pulled from with the credentials of docker login, and each refusal has its own sentence', {
    timeout: 300_000,
  }, async () => {
    const { host } = await startRegistry({ asksForPassword: true });
    const image = `${host}/team/pulled:1`;
    const authconfig = { username: 'ada', password: 'test-password', serveraddress: host };
    await docker.getImage(small).tag({ repo: `${host}/team/pulled`, tag: '1' });
    const pushed = await docker.getImage(image).push({ authconfig });
    await new Promise((resolve) => docker.modem.followProgress(pushed, resolve));
    await putForeignIndex(host);
    const stored = { auths: { [host]: { auth: registryLogin } } };
    try {
      expect(await attempt(stored, image)).toBe(`exit code 0 of ${host}/team/pulled@sha256`);
      expect(await attempt({ credsStore: 'safe' }, image)).toBe(`exit code 0 of ${host}/team/pulled@sha256`);
      expect(await attempt({ credHelpers: { [host]: 'safe' } }, image)).toBe(
        `exit code 0 of ${host}/team/pulled@sha256`,
      );
      expect(await attempt({}, image)).toBe(
        `image_missing: The image ${image} may not be pulled: ${host} asks for a login, and there is none for it. Add one under Settings, Registries, or run "docker login ${host}" as the user that Gantry or the agent runs as: Head "http://${host}/v2/team/pulled/manifests/1": no basic auth credentials.`,
      );
      const wrong = { auths: { [host]: { auth: Buffer.from('ada:wrong').toString('base64') } } };
      expect(await attempt(wrong, image)).toMatch(
        `image_missing: The image ${image} may not be pulled: ${host} does not accept the credentials that "docker login" has stored for it: `,
      );
      expect(await attempt({ credsStore: 'missing' }, image)).toMatch(
        `image_missing: The image ${image} cannot be pulled: the credentials for ${host} cannot be had: docker-credential-missing cannot be run: `,
      );
      expect(await attempt(stored, `${host}/team/other:1`)).toMatch(
        `image_missing: The image ${host}/team/other:1 is not there: manifest for ${host}/team/other:1 not found`,
      );
      expect(await attempt(stored, `${host}/team/pulled:foreign`)).toMatch(
        /^image_missing: The image \S+ is not made for linux\/(amd64|arm64|x86_64|aarch64), which the engine runs: no matching manifest/,
      );
    } finally {
      await docker
        .getImage(image)
        .remove({ force: true })
        .catch(() => undefined);
      await docker.getImage(small).remove({ force: true });
    }
  });
});

/** An image for a platform that hardly any engine runs, under the tag `foreign`. */
async function putForeignIndex(host: string): Promise<void> {
  const headers = { authorization: `Basic ${registryLogin}` };
  const at = `http://${host}/v2/team/pulled/manifests`;
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  const found = await fetch(`${at}/1`, { headers: { ...headers, accept: mediaType } });
  const { length } = await found.text();
  const digest = found.headers.get('docker-content-digest') ?? '';
  const platform = { architecture: 's390x', os: 'linux' };
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifests: [{ mediaType, size: length, digest, platform }],
  };
  const put = await fetch(`${at}/foreign`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': index.mediaType },
    body: JSON.stringify(index),
  });
  expect(put.status).toBe(201);
}
