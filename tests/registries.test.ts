import Docker from 'dockerode';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import type { Execution } from '@/lib/model/execution';
import {
  startAgentProcess,
  startControlPlane,
  type TestAgent,
  type TestControlPlane,
} from './agents/control-plane';
import { ended, launch } from './agents/executions';
import { testKubeconfig } from './backends/kubernetes-harness';
import { startRegistry } from './dependencies/registry-server';
import { buildImage } from './support/build-image';
import { describeWith } from './support/requirements';

const docker = new Docker();
const password = 'test-password';
const small = 'gantry-test/behind-a-login:1';
const kinds = ['local', 'remote-agent', 'kubernetes'] as const;
const backends = kinds.map((kind) => ({
  id: kind,
  kind,
  label: kind,
  default: kind === 'local',
  enabled: true,
}));
/** It stays until its container was looked at. */
const suite = `
vars: { image: "" }
steps:
  pulled: { kind: task, image: "\${{ vars.image }}", pull: always, run: [/bin/busybox, sleep, "2"] }
`;

describeWith(['docker', 'docker-registry', 'kubernetes'], 'a registry with a login in the settings', () => {
  let plane: TestControlPlane;
  let agent: TestAgent;

  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    await buildImage(docker, small, `FROM scratch\nCOPY --from=${toolboxImage} /bin/busybox /bin/busybox\n`);
    const env = {
      GANTRY_ALLOW_PRIVATE_ADDRESSES: '1',
      GANTRY_KUBECONFIG: testKubeconfig,
      // Nobody has logged in here by `docker login`.
      DOCKER_CONFIG: '/nonexistent',
    };
    plane = await startControlPlane(env, { private: suite });
    const { token } = await plane.agentToken();
    agent = startAgentProcess(plane.url, token, { DOCKER_CONFIG: '/nonexistent' });
    await agent.until('registered');
  });
  afterAll(async () => {
    await agent?.end('SIGTERM');
    await plane?.close();
    await docker.getImage(small).remove({ force: true });
  });

  async function save(registries: object[]): Promise<string> {
    const answer = await plane.call('/api/v1/platform-settings', {
      method: 'PUT',
      body: JSON.stringify({ backends, env: {}, registries }),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(200);
    return answer.text();
  }

  async function test(login: object): Promise<object> {
    return (await plane.post('/api/v1/platform-settings/registries/test', login)).json();
  }

  function runOnEach(image: string): Promise<Execution[]> {
    return Promise.all(
      kinds.map(async (backend) =>
        ended(plane, await launch(plane, { suiteId: 'private', backend, vars: { image } })),
      ),
    );
  }

  async function reasons(image: string): Promise<string[]> {
    const executions = await runOnEach(image);
    expect(executions.map(({ status }) => status)).toEqual(['errored', 'errored', 'errored']);
    return executions.map(({ steps }) => steps[0]?.result?.reason ?? '');
  }

  /** What Docker tells of the containers of our executions, until these have ended. */
  async function inspectedUntil(end: Promise<unknown>): Promise<Map<string, string>> {
    const seen = new Map<string, string>();
    const filters = { label: ['gantry.suite=private'] };
    let isOver = false;
    end.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const { Id } of await docker.listContainers({ filters })) {
        const found = await docker
          .getContainer(Id)
          .inspect()
          .catch(() => null);
        if (found) seen.set(Id, JSON.stringify(found));
      }
    }
    return seen;
  }

  async function allRows(): Promise<string> {
    const sql = postgres(process.env.DATABASE_URL ?? '', { max: 1 });
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'public'`;
    const rows = await Promise.all(tables.map(({ name }) => sql`select t::text from ${sql(name)} t`));
    await sql.end();
    return JSON.stringify(rows);
  }

  it('is pulled from on Docker, by an agent and in a cluster, and says why it is not', {
    timeout: 300_000,
  }, async () => {
    const { host } = await startRegistry({ asksForPassword: true });
    const image = `${host}/team/private:1`;
    await docker.getImage(small).tag({ repo: `${host}/team/private`, tag: '1' });
    const authconfig = { username: 'ada', password, serveraddress: host };
    const pushed = await docker.getImage(image).push({ authconfig });
    await new Promise((resolve) => docker.modem.followProgress(pushed, resolve));
    const login = { host, user: 'ada', password };
    try {
      expect(await test(login)).toEqual({ accepted: true, message: `${host} accepts the login of ada.` });
      expect(await save([login])).not.toContain(password);
      expect(await test({ ...login, password: '***' })).toMatchObject({ accepted: true });
      const running = runOnEach(image);
      const seen = await inspectedUntil(running);
      const passed = await running;
      expect(passed.map(({ status, cause }) => [status, cause])).toEqual(kinds.map(() => ['passed', null]));
      expect(seen.size).toBe(2);
      const secrets = await plane.server().store.environments.rows(passed[2]?.id ?? '');
      expect(secrets.filter(({ name }) => name.includes('-registry-'))).toMatchObject([
        { kind: 'secret', removedAt: expect.any(String) },
      ]);

      expect(await test({ ...login, password: 'wrong' })).toEqual({
        accepted: false,
        message: `${host} does not accept the login of ada (401). Check user and password.`,
      });
      await save([{ ...login, password: 'wrong' }]);
      const refused = `The image ${image} may not be pulled: ${host} does not accept the login for ${host} under Settings, Registries: `;
      for (const reason of await reasons(image)) expect(reason).toContain(refused);

      await save([]);
      const missing = `The image ${image} may not be pulled: ${host} asks for a login, and there is none for it. Add one under Settings, Registries, or `;
      for (const reason of await reasons(image)) expect(reason).toContain(missing);

      for (const text of [...seen.values(), agent.output(), await allRows()]) {
        expect(text).not.toContain(password);
        expect(text).not.toContain(Buffer.from(`ada:${password}`).toString('base64'));
      }
    } finally {
      await docker
        .getImage(image)
        .remove({ force: true })
        .catch(() => undefined);
    }
  });
});
