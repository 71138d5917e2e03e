import { describe, expect, it } from 'vitest';
import { type Pod, pod } from '@/lib/backends/kubernetes/objects';
import {
  checkWasStarted,
  startPhase,
  troubleBeforeStart,
  troubleOfPod,
  whyDeleted,
  whyUnscheduled,
} from '@/lib/backends/kubernetes/pod-trouble';
import { makeStepSpec } from '../../support/plan';

const step = makeStepSpec({ stepId: 'smoke', node: { image: 'shop/api:1' } });

/** A pod whose step's container is in this state, and its companion runs. */
function podWith(state: object, status: object = {}, metadata: object = {}): Pod {
  return pod.parse({
    metadata: { name: 'p', ...metadata },
    spec: { nodeName: 'node-1' },
    status: {
      containerStatuses: [
        { name: 'main', image: 'shop/api:1', state },
        { name: 'gantry', image: 'gantry/toolbox:local', state: { running: {} } },
      ],
      ...status,
    },
  });
}

describe('a pod that does not start', () => {
  it.each([
    ['ErrImageNeverPull', 'Container image "shop/api:1" is not present', 'image_missing'],
    ['ImagePullBackOff', 'Back-off pulling image "shop/api:1"', 'image_missing'],
    ['InvalidImageName', 'couldn\'t parse image reference "SHOP"', 'image_missing'],
    ['CreateContainerConfigError', 'container has runAsNonRoot and image will run as root', 'backend_failed'],
    ['CreateContainerError', 'no such device', 'backend_failed'],
  ])('says so in the words of the cluster: %s', (reason, message, code) => {
    const trouble = troubleBeforeStart(step, podWith({ waiting: { reason, message } }));
    expect(trouble).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('says that the helper image is missing, and what to do', () => {
    const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image' };
    const containerStatuses = [{ name: 'gantry', image: 'gantry/toolbox:local', state: { waiting } }];
    const trouble = troubleBeforeStart(step, podWith({}, { containerStatuses }));
    expect(trouble?.message).toContain('push the toolbox to a registry');
  });

  it('may still start while it is pulled or tried again', () => {
    const pulling = podWith({ waiting: { reason: 'ErrImagePull', message: 'registry says 503' } });
    expect(troubleBeforeStart(step, pulling)).toBeNull();
    expect(startPhase(pulling)).toEqual({ name: 'pulling', detail: 'registry says 503' });
    expect(troubleBeforeStart(step, podWith({ waiting: { reason: 'ContainerCreating' } }))).toBeNull();
  });

  it('is unscheduled with the words of the scheduler', () => {
    const message = '0/3 nodes are available: 3 Insufficient memory.';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    expect(whyUnscheduled(podWith({}, { conditions }))).toBe(message);
    expect(whyUnscheduled(podWith({}))).toBeNull();
  });
});

describe('a pod that the cluster ends', () => {
  it.each([
    ['Evicted', 'The node was low on resource: memory.'],
    ['NodeLost', 'Node node-1 which was running pod p is unresponsive'],
    ['Preempting', 'Preempted in order to admit critical pod'],
    ['DeadlineExceeded', 'Pod was active on the node longer than the specified deadline'],
  ])('is no failure of its step: %s', (reason, message) => {
    const ended = podWith(
      { terminated: { exitCode: 137, reason: 'Error' } },
      { phase: 'Failed', reason, message },
    );
    expect(troubleOfPod(step, ended)).toMatchObject({
      code: 'backend_failed',
      message: `The pod of step smoke failed: ${reason}: ${message.replace(/\.$/, '')}.`,
    });
  });

  it('is told apart from one whose program has failed', () => {
    expect(troubleOfPod(step, podWith({ terminated: { exitCode: 1 } }, { phase: 'Failed' }))).toBeNull();
  });

  it('says why it was deleted, where the cluster tells', () => {
    const conditions = [
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: 'preempting to accommodate a higher priority pod',
      },
    ];
    expect(whyDeleted(step, podWith({ running: {} }, { conditions }))).toBe(
      'The pod of step smoke was deleted while it ran: PreemptionByScheduler: preempting to accommodate a higher priority pod.',
    );
    expect(whyDeleted(step, podWith({ running: {} }))).toBe(
      'The pod of step smoke was deleted by somebody while it ran.',
    );
  });
});

describe('a program that was never there', () => {
  it('is told apart from one that ends with 127 itself', () => {
    const ended = (message: string, reason = 'Error') => ({ exitCode: 127, reason, message });
    expect(() => checkWasStarted(step, ended('gantry: no program nope'))).toThrow(
      'Step smoke: the command "nope" cannot be run in the image shop/api:1',
    );
    expect(() => checkWasStarted(step, ended('chdir failed', 'ContainerCannotRun'))).toThrow('chdir failed');
    expect(() => checkWasStarted(step, ended(''))).not.toThrow();
  });
});
