import { staysUp } from '../../model/step-kind';
import type { StepSpec } from '../../model/step-spec';
import type { ContainerDetails } from './containers';
import { type Daemon, quickMs } from './daemon';

/** A connection to the standard input of a container whose first process waits for a byte. */
export interface Gate {
  /** Releases the program; opening a gate twice is opening it once. Rejects when the connection is gone. */
  open(): Promise<void>;
  close(): void;
}

export async function connectGate(daemon: Daemon, container: string): Promise<Gate> {
  const stream = await daemon.call('attach to the gate of a container', quickMs, (docker) =>
    docker.getContainer(container).attach({ stream: true, stdin: true, hijack: true }),
  );
  // Who writes hears of it.
  stream.on('error', () => undefined);
  stream.resume();
  return {
    open: () =>
      new Promise<void>((resolve, reject) => {
        stream.write(Buffer.of(1), (error) => (error ? reject(error) : resolve()));
      }).then(() => void stream.end()),
    close: () => void stream.end(),
  };
}

/** Opens the gate of a container that runs, over a new connection where the given one is gone, or there is none. */
export async function openGate(daemon: Daemon, container: string, gate: Gate | null): Promise<void> {
  try {
    if (gate) return await gate.open();
  } catch {
    // An engine that was restarted has let go of the connection, and may have kept the container.
  }
  await (await connectGate(daemon, container)).open();
}

/** Why a step's container cannot wait behind a gate, as the end of a sentence; null when it can. */
export function explainNoGate({ node }: Pick<StepSpec, 'node'>, engine: Daemon['name']): string | null {
  const { healthCheck, aliases } = node.container;
  if (engine !== 'Docker') return `${engine} is not asked to hold a started container`;
  if (staysUp(node.kind) || aliases.length > 0) return 'others would find it by its name before it runs';
  if (node.command === null) return "the image's own command runs without step-init, which holds the gate";
  return healthCheck === null ? null : healthCheckWouldRun;
}

/** As `explainNoGate`, for what only the container tells. */
export function explainNoGateOf({ Config }: ContainerDetails): string | null {
  const test = Config.Healthcheck?.Test ?? [];
  return test.length > 0 && test[0] !== 'NONE' ? healthCheckWouldRun : null;
}

const healthCheckWouldRun = 'its health check would run before it';
