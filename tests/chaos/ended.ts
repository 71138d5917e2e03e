import type { Execution } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';
import type { ControlPlane } from './control-plane';
import { pause } from './faults';

/** The execution, once it has ended. */
export async function untilEnded(plane: Pick<ControlPlane, 'api'>, id: string): Promise<Execution> {
  for (;;) {
    const execution: Execution = await plane.api.get(`/api/v1/executions/${id}`);
    if (isFinalExecution(execution.status)) return execution;
    await pause(300);
  }
}
