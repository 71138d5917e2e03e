import type Docker from 'dockerode';
import { labelNames } from '@/lib/backends/labels';

/** Counts how often each attempt's container was made and started, as the daemon tells it. */
export interface DockerWitness {
  /** By `execution step attempt`. */
  starts(): ReadonlyMap<string, number>;
  /** Containers, networks and volumes of these executions that are still there. */
  left(executionIds: ReadonlySet<string>): Promise<string[]>;
  close(): void;
}

/** The daemon may be killed meanwhile: nothing starts while it is away, and the witness comes back. */
export function watchDocker(docker: Docker): DockerWitness {
  const seen = new Set<string>();
  const starts = new Map<string, number>();
  const closing = new AbortController();
  let end = () => {};
  let since = Math.floor(Date.now() / 1000);

  async function watch(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const stream = await docker.getEvents({
          since,
          filters: { type: ['container'], event: ['start'], label: [labelNames.execution] },
        });
        end = () => {
          if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
        };
        let text = '';
        for await (const chunk of stream) {
          text += String(chunk);
          const lines = text.split('\n');
          text = lines.pop() ?? '';
          for (const line of lines) take(line);
        }
      } catch {
        // It is away.
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  function take(line: string): void {
    const event: {
      timeNano: number;
      time: number;
      Actor: { ID: string; Attributes: Record<string, string> };
    } = JSON.parse(line);
    const key = `${event.timeNano} ${event.Actor.ID}`;
    if (seen.has(key)) return;
    seen.add(key);
    since = event.time;
    const { Attributes: labels } = event.Actor;
    const attempt = [labelNames.execution, labelNames.step, labelNames.attempt]
      .map((name) => labels[name])
      .join(' ');
    starts.set(attempt, (starts.get(attempt) ?? 0) + 1);
  }

  void watch();
  return {
    starts: () => starts,
    async left(ids) {
      const filters = { label: [labelNames.execution] };
      const [containers, networks, volumes] = await Promise.all([
        docker.listContainers({ all: true, filters }),
        docker.listNetworks({ filters }),
        docker.listVolumes({ filters }),
      ]);
      return [
        ...containers.map((each) => ({ labels: each.Labels, name: `container ${each.Names[0]}` })),
        ...networks.map((each) => ({ labels: each.Labels ?? {}, name: `network ${each.Name}` })),
        ...volumes.Volumes.map((each) => ({ labels: each.Labels ?? {}, name: `volume ${each.Name}` })),
      ].flatMap(({ labels, name }) => (ids.has(labels[labelNames.execution] ?? '') ? [name] : []));
    },
    close() {
      closing.abort();
      end();
    },
  };
}
