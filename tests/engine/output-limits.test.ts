import { afterAll, beforeAll, expect, it } from 'vitest';
import { continuationMark } from '@/lib/backends/line-splitter';
import type { Execution } from '@/lib/model/execution';
import type { PlannedNode } from '@/lib/model/node';
import { logSource } from '@/lib/store/stream-sources';
import { follow } from '@/lib/streams/follow';
import { createPackages } from '../backends/contract/package-content';
import { openDockerHarness } from '../backends/docker-harness';
import { makePlan } from '../support/plan';
import { describeWith } from '../support/requirements';
import { openWorld, type World } from './world';

const megabyte = 1024 * 1024;
const limitMs = 300_000;

describeWith('docker', 'What a container prints without measure', () => {
  const packages = createPackages();
  const packageDigest = packages.add([{ path: 'suite.yaml', content: 'steps: {}' }]);
  let world: World;
  let harness: Awaited<ReturnType<typeof openDockerHarness>>;

  beforeAll(async () => {
    world = await openWorld();
    harness = await openDockerHarness(packages, 'output-limits');
  }, limitMs);
  afterAll(() => world.close());

  /** Runs the programs side by side; at most so much is kept of each. */
  async function print(
    programs: Record<string, string>,
    maxLogBytesPerStep: number,
    node: Partial<PlannedNode> = {},
  ): Promise<Execution> {
    const engine = world.startEngine({
      backend: harness.backend,
      isDoomed: true,
      limits: { maxLogBytesPerStep },
    });
    const nodes = Object.entries(programs).map(([id, program]) => ({
      id,
      image: harness.image,
      packageDigest,
      command: ['sh', '-c', program],
      ...node,
    }));
    const execution = await world.run(makePlan({ nodes }));
    await engine.stop();
    return execution;
  }

  async function stored(execution: Execution, stepId: string, stream = 'stdout'): Promise<string[]> {
    const texts: string[] = [];
    const source = logSource(world.store, execution.id);
    for await (const lines of follow(source, 0, AbortSignal.timeout(limitMs)))
      for (const line of lines) if (line.stepId === stepId && line.stream === stream) texts.push(line.text);
    return texts;
  }

  it('a line of 10 MB comes whole, in marked pieces', { timeout: limitMs }, async () => {
    const long = `node -e "process.stdout.write('x'.repeat(${10 * megabyte}) + '\\n')"`;
    const execution = await print({ long }, 32 * megabyte);
    expect(execution.status).toBe('passed');
    const pieces = await stored(execution, 'long');
    expect(pieces).toHaveLength(10);
    expect(pieces.slice(0, -1).every((text) => text.endsWith(continuationMark))).toBe(true);
    expect(pieces.map((text) => text.replace(continuationMark, '')).join('')).toBe('x'.repeat(10 * megabyte));
  });

  it('noise, NUL, half characters and carriage returns are kept as text', { timeout: limitMs }, async () => {
    const execution = await print(
      {
        noise: 'head -c 300000 /dev/urandom; echo',
        odd: String.raw`printf 'a\000b\n\377\303\nn 10%%\rn 100%%\n</script>\033[31mred\n'`,
      },
      8 * megabyte,
    );
    expect(execution.status).toBe('passed');
    const odd = await stored(execution, 'odd');
    expect(odd).toEqual(['a␀b', '��', 'n 100%', '</script>\u001b[31mred']);
    const noise = await stored(execution, 'noise');
    expect(noise.join('\n').length).toBeGreaterThan(100_000);
    expect(noise.some((text) => /[\0\n]/.test(text))).toBe(false);
  });

  it('past its limit it is counted and dropped, and each step ends as it would', {
    timeout: limitMs,
  }, async () => {
    const flood = (bytes: number) => `yes 0123456789012345678901234567890 | head -c ${bytes}; exit 0`;
    const execution = await print(
      { a: flood(6 * megabyte), b: flood(6 * megabyte), c: flood(6 * megabyte) },
      megabyte,
    );
    expect(execution.status).toBe('passed');
    for (const stepId of ['a', 'b', 'c']) {
      const kept = (await stored(execution, stepId)).join('\n').length;
      expect(kept).toBeLessThanOrEqual(megabyte);
      expect(kept).toBeGreaterThan(megabyte * 0.99);
      expect(await stored(execution, stepId, 'system')).toContainEqual(
        expect.stringMatching(/^\d+ more lines \(5(\.\d)? MB\) were dropped: Gantry keeps 1 MB/),
      );
    }
  });

  it('without end it is ended by its time limit, and says how much was dropped', {
    timeout: limitMs,
  }, async () => {
    const execution = await print({ endless: 'yes and so on' }, megabyte, {
      timeoutMs: 3_000,
      graceMs: 2_000,
    });
    expect(execution).toMatchObject({ status: 'timed_out', receipt: { left: [] } });
    expect(await stored(execution, 'endless', 'system')).toContainEqual(
      expect.stringMatching(/more lines .* were dropped/),
    );
  });
});
