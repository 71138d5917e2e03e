import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labelNames } from '@/lib/backends/labels';
import { buildToolbox } from '@/lib/cli/toolbox';
import { leftovers } from '../backends/docker-harness';
import { describeWith } from '../support/requirements';
import { startAgentProcess, startControlPlane, type TestAgent, type TestControlPlane } from './control-plane';
import { ended, launch, texts, until } from './executions';
import { canMakeLinks, type Link, openLink } from './link';

const why = canMakeLinks() ? '' : ' [skipped: it needs root, ip and iptables, to make a network namespace]';
/** As long as the cut that an agent must outlive. */
const cutMs = 30_000;

describeWith(['docker'], 'an agent in another network', () => {
  describe.skipIf(!canMakeLinks())(`in a network namespace${why}`, () => {
    const docker = new Docker();
    let link: Link;
    let plane: TestControlPlane;
    let agent: TestAgent;

    beforeAll(async () => {
      await buildToolbox({ docker, log: () => {} });
      link = await openLink();
      plane = await startControlPlane({ GANTRY_AGENT_LEASE_SECONDS: '60' }, {}, '0.0.0.0');
      const { token } = await plane.agentToken();
      const url = `http://${link.host}:${new URL(plane.url).port}`;
      agent = startAgentProcess(url, token, {}, null, link.within);
      await agent.until('registered');
    });
    afterAll(async () => {
      await agent?.end();
      await plane?.close();
      await link?.close();
    });

    it('runs storefront, and no line is lost while the link is cut for half a minute', async () => {
      const id = await launch(plane, { suiteId: 'storefront' });
      await until(plane, id, ({ steps }) => steps.filter(({ status }) => status === 'ready').length >= 2);
      await link.cut();
      await sleep(cutMs);
      await link.mend();
      const execution = await ended(plane, id);
      expect(execution, agent.output()).toMatchObject({
        status: 'passed',
        cause: null,
        receipt: { left: [] },
      });
      const local = await ended(plane, await launch(plane, { suiteId: 'storefront', backend: 'local' }));
      const counts = async (run: typeof local) =>
        Promise.all(
          run.steps.map(
            async (step) => `${step.id} ${step.status} ${(await texts(plane, run.id, step.id)).length > 0}`,
          ),
        );
      expect(await counts(execution)).toEqual(await counts(local));
      expect(await leftovers(docker, `${labelNames.execution}=${id}`)).toEqual([]);
    });
  });
});
