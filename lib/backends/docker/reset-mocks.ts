import type { StepSpec } from '../../model/step-spec';
import { environmentName, labelNames } from '../labels';
import { resetMocks, sendReset } from '../reset-mocks';
import type { Daemon } from './daemon';
import { listContainers } from './listings';

/** By the address of the mock's container on the execution's network, as probes do. */
export async function resetMocksOnNetwork(
  { daemon, installation }: { daemon: Daemon; installation: string },
  step: StepSpec,
  stop: AbortSignal,
): Promise<void> {
  await resetMocks(step, stop, async (reset, signal) => {
    const label = [
      `${labelNames.installation}=${installation}`,
      `${labelNames.execution}=${step.executionId}`,
      `${labelNames.step}=${reset.stepId}`,
    ];
    const found = await listContainers(daemon, { label, status: ['running'] });
    const network = environmentName(step.executionId);
    const host = found[0]?.NetworkSettings?.Networks?.[network]?.IPAddress;
    if (!host) throw new Error('its container does not run');
    return sendReset(reset, { host, port: reset.port }, signal);
  });
}
