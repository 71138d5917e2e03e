import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ScheduleSummary } from '@/lib/model/schedule';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

const steps = 'steps: { a: { kind: test, run: "true" } }';
const suites = {
  shop: `schedules: { nightly: { cron: "30 2 * * *", time_zone: Europe/Berlin } }\n${steps}`,
  broken: `schedules:\n  nightly: { cron: "30 25 * * *" }\n${steps}`,
};

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startControlPlane({ GANTRY_PROCESS_BACKEND: '1' }, suites);
});
afterAll(() => plane?.close());

async function list(token = plane.admin): Promise<ScheduleSummary[]> {
  return (await (await plane.call('/api/v1/schedules', { token })).json()).items;
}

/** The schedule of `shop`, once the control plane has read its file. */
async function declared(): Promise<ScheduleSummary> {
  return vi.waitFor(
    async () => {
      const found = (await list()).find(({ suiteId }) => suiteId === 'shop');
      if (!found) throw new Error('the schedule is not there yet');
      return found;
    },
    { timeout: 240_000, interval: 200 },
  );
}

/** As a client does that reads a schedule, leaves out what it knows not to belong into a change, and sends the rest. */
function put(schedule: ScheduleSummary, change: object, token = plane.admin): Promise<Response> {
  const { id, changedAt: _, changedBy: _by, nextTimes: _next, lastFiring: _last, ...rest } = schedule;
  return plane.call(`/api/v1/schedules/${id}`, {
    method: 'PUT',
    token,
    body: JSON.stringify({ ...rest, ...change }),
    headers: { 'content-type': 'application/json' },
  });
}

describe('Over the API a schedule that suite.yaml declares', () => {
  it('is listed with its file, and turned off and on', async () => {
    const schedule = await declared();
    expect(schedule).toMatchObject({
      name: 'nightly',
      cron: '30 2 * * *',
      timeZone: 'Europe/Berlin',
      enabled: true,
      declaredIn: 'suite.yaml',
    });
    expect(schedule.nextTimes).toHaveLength(5);
    expect(await (await put(schedule, { enabled: false })).json()).toMatchObject({
      enabled: false,
      nextTimes: [],
    });
    expect((await (await put(schedule, { enabled: true })).json()).nextTimes).toHaveLength(5);
  });

  it('is changed and removed in its file alone', async () => {
    const schedule = await declared();
    for (const change of [
      { cron: '@daily' },
      { name: 'daily' },
      { suiteId: 'broken' },
      { jitterSeconds: 5 },
    ]) {
      const answer = await put(schedule, change);
      expect([change, answer.status]).toEqual([change, 409]);
      expect((await answer.json()).detail).toContain('comes from the suite.yaml of the suite shop');
    }
    const removal = await plane.call(`/api/v1/schedules/${schedule.id}`, { method: 'DELETE' });
    expect(removal.status).toBe(409);
    expect(await declared()).toMatchObject({ cron: '30 2 * * *', enabled: true });
  });

  it('needs the right to launch its suite, and is hidden with it', async () => {
    const schedule = await declared();
    const tokenOf = async (name: string, more: object) =>
      (await (await plane.post('/api/v1/tokens', { name, role: 'member', ...more })).json()).token;
    const viewer = await tokenOf('viewer', { role: 'viewer' });
    const other = await tokenOf('other', { suites: ['broken'] });
    for (const token of [viewer, other]) {
      expect((await put(schedule, { enabled: false }, token)).status).toBe(403);
      expect(await list(token)).toContainEqual(expect.objectContaining({ id: schedule.id }));
    }
    const team = { grantee: { kind: 'group', id: 'team' }, suites: 'shop', rights: ['see', 'launch'] };
    const grant = await (await plane.post('/api/v1/grants', team)).json();
    const member = await tokenOf('member', {});
    expect(await list(member)).toEqual([]);
    expect((await put(schedule, { enabled: false }, member)).status).toBe(404);
    await plane.call(`/api/v1/grants/${grant.id}`, { method: 'DELETE' });
  });

  it('is an error of its suite, at its line, where a value is bad', async () => {
    const suite = await (await plane.call('/api/v1/suites/broken')).json();
    expect(suite).toMatchObject({ valid: false, problems: [{ file: 'suite.yaml', line: 2 }] });
    expect(suite.problems[0].message).toContain('schedules.nightly.cron: expected five fields');
    expect((await list()).filter(({ suiteId }) => suiteId === 'broken')).toEqual([]);
  });

  it('goes with its key, and comes with that of another suite', async () => {
    const folder = path.join(plane.server().config.dataFolder, 'suites');
    await declared();
    await writeFile(path.join(folder, 'shop', 'suite.yaml'), `title: Shop\n${steps}`);
    await mkdir(path.join(folder, 'new'));
    await writeFile(
      path.join(folder, 'new', 'suite.yaml'),
      `schedules: { weekly: { cron: "@weekly" } }\n${steps}`,
    );
    await vi.waitFor(
      async () =>
        expect((await list()).map(({ suiteId, name }) => [suiteId, name])).toEqual([['new', 'weekly']]),
      { timeout: 240_000, interval: 200 },
    );
    await rm(path.join(folder, 'new'), { recursive: true });
  });
});
