import type { StopRequest } from '../backends/backend';
import type { PlannedNode } from '../model/node';
import { createStopController, type StopController } from './stop-controller';

/** How to end each step of a run that was started. A request to one that was not does nothing. */
export interface StepStops {
  has(stepId: string): boolean;
  /** The step is being started. */
  add(stepId: string): StopController;
  request(stepId: string, why: StopRequest['why'], graceMs: number, sentence: string): void;
  requestAll(why: StopRequest['why'], sentence: string): void;
  stopService(stepId: string): void;
}

export function createStepStops(nodes: ReadonlyMap<string, PlannedNode>): StepStops {
  const stops = new Map<string, StopController>();
  return {
    has: (stepId) => stops.has(stepId),
    add(stepId) {
      const stop = createStopController();
      stops.set(stepId, stop);
      return stop;
    },
    request: (stepId, ...how) => stops.get(stepId)?.request(...how),
    requestAll(why, sentence) {
      for (const stop of stops.values()) stop.request(why, 0, sentence);
    },
    stopService: (stepId) =>
      stops.get(stepId)?.request('not_needed', nodes.get(stepId)?.graceMs ?? 0, 'nothing needs it any more'),
  };
}
