import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { openBreakableProxy } from '../support/breakable-proxy';
import { describeWith } from '../support/requirements';
import { type Counting, counted, openCounting } from './counting';
import { ended, launch, texts } from './executions';

describeWith(['docker'], 'what is back before its lease runs out goes on', () => {
  let counting: Counting;

  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    counting = await openCounting({ leaseSeconds: 30 });
  });
  afterEach(() => counting.endAgents());
  afterAll(() => counting?.close());

  it('an agent that was killed and is started again goes on with its steps', async () => {
    const first = await counting.agent();
    const id = await launch(counting.plane, { suiteId: 'served' });
    await counting.untilLines(id, 10);
    await first.end('SIGKILL');
    await counting.agent();
    const execution = await ended(counting.plane, id);
    expect(execution.status).toBe('passed');
    expect(await texts(counting.plane, id, 'counter')).toEqual(counted);
    expect(await texts(counting.plane, id, 'service')).toEqual(['up']);
    expect(execution.receipt).toMatchObject({ left: [] });
    expect(await counting.left(id)).toEqual([]);
  });

  it('a control plane that is started again goes on with the steps of its agents', async () => {
    const steady = await counting.agent();
    const id = await launch(counting.plane, { suiteId: 'served' });
    await counting.untilLines(id, 10);
    await counting.plane.stop();
    await counting.plane.start();
    const execution = await ended(counting.plane, id);
    expect(execution, steady.output()).toMatchObject({ status: 'passed', cause: null });
    expect(await texts(counting.plane, id, 'counter')).toEqual(counted);
    expect(await counting.left(id)).toEqual([]);
  });

  it('a link that is cut for less than the lease is not seen', async () => {
    const proxy = await openBreakableProxy(counting.plane.url);
    const cut = await counting.agent({}, proxy.url);
    const id = await launch(counting.plane, { suiteId: 'served' });
    await counting.untilLines(id, 5);
    await proxy.breakOff();
    await cut.until('lines could not be sent');
    await proxy.mend();
    expect(await ended(counting.plane, id), cut.output()).toMatchObject({ status: 'passed', cause: null });
    expect(await texts(counting.plane, id, 'counter')).toEqual(counted);
    await proxy.close();
  });

  it("an agent whose clock is an hour ahead keeps its leases, and its lines have the control plane's time", async () => {
    const ahead = `const now = Date.now; const Real = Date; const by = 3600000; globalThis.Date = class extends Real { constructor(...given) { super(...(given.length ? given : [now() + by])); } static now() { return now() + by; } };`;
    const skewed = await counting.agent({
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(ahead)}`,
    });
    await skewed.until("this machine's clock differs");
    const id = await launch(counting.plane, { suiteId: 'counter' });
    expect((await ended(counting.plane, id)).status).toBe('passed');
    const { lines } = await counting.plane.server().store.logs.read(id, 0, 1_000);
    expect(lines.length).toBeGreaterThanOrEqual(counted.length);
    for (const line of lines) expect(Math.abs(Date.parse(line.at) - Date.now())).toBeLessThan(60_000);
  });
});
