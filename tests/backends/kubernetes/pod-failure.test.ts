import { describe, expect, it } from 'vitest';
import { memoryLimitOf, type Pod, pod } from '@/lib/backends/kubernetes/objects';
import {
  checkWasStarted,
  failureBeforeStart,
  failureOfPod,
  startPhase,
  whyDeleted,
  whyEndedByCluster,
  whyGated,
  whyUnscheduled,
} from '@/lib/backends/kubernetes/pod-failure';
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
    const trouble = failureBeforeStart(step, podWith({ waiting: { reason, message } }));
    expect(trouble).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('says that the helper image is missing, and what to do', () => {
    const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image' };
    const containerStatuses = [{ name: 'gantry', image: 'gantry/toolbox:local', state: { waiting } }];
    const trouble = failureBeforeStart(step, podWith({}, { containerStatuses }));
    expect(trouble?.message).toContain('push the toolbox to a registry');
  });

  it('may still start while it is pulled or tried again', () => {
    const pulling = podWith({ waiting: { reason: 'ErrImagePull', message: 'registry says 503' } });
    expect(failureBeforeStart(step, pulling)).toBeNull();
    expect(startPhase(pulling)).toEqual({ name: 'pulling', detail: 'registry says 503' });
    expect(failureBeforeStart(step, podWith({ waiting: { reason: 'ContainerCreating' } }))).toBeNull();
  });

  it('tells how far its node has come', () => {
    const network = (status: string) => ({
      conditions: [{ type: 'PodReadyToStartContainers', status }],
      containerStatuses: [{ name: 'main', state: { waiting: { reason: 'ContainerCreating' } } }],
    });
    const details = [
      podWith({}, { containerStatuses: [] }),
      podWith({}, network('False')),
      podWith({}, network('True')),
      podWith({ waiting: { reason: 'ContainerCreating' } }, { conditions: network('True').conditions }),
    ].map((each) => startPhase(each).detail);
    expect(details).toEqual([
      'node-1',
      'node-1: its volumes and its network are set up',
      'node-1: its images are pulled',
      'node-1: the package is there',
    ]);
  });

  it('is unscheduled with the words of the scheduler', () => {
    const message = '0/3 nodes are available: 3 Insufficient memory.';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    expect(whyUnscheduled(podWith({}, { conditions }))).toBe(message);
    expect(whyUnscheduled(podWith({}))).toBeNull();
  });

  it('is held back by the gates that something else has put there, with their names', () => {
    const message = 'Scheduling is blocked due to non-empty scheduling gates';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message }];
    const gated = pod.parse({
      metadata: { name: 'p' },
      spec: { schedulingGates: [{ name: 'kueue.x-k8s.io/admission' }] },
      status: { phase: 'Pending', conditions },
    });
    expect(whyGated(gated)).toBe(`${message}: kueue.x-k8s.io/admission`);
    // The limit for the scheduler does not run meanwhile.
    expect(whyUnscheduled(gated)).toBeNull();
    expect(startPhase(gated)).toEqual({
      name: 'preparing',
      detail: `${message}: kueue.x-k8s.io/admission`,
    });
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
    expect(failureOfPod(step, ended)).toMatchObject({
      code: 'backend_failed',
      message: `The pod of step smoke failed: ${reason}: ${message.replace(/\.$/, '')}.`,
    });
  });

  it('is told apart from one whose program has failed', () => {
    expect(failureOfPod(step, podWith({ terminated: { exitCode: 1 } }, { phase: 'Failed' }))).toBeNull();
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

describe('a pod whose companion was told to end', () => {
  const at = (second: number) => `2026-01-02T03:04:0${second}Z`;
  const endedAs = (main: number, companion: object): Pod =>
    podWith(
      {},
      {
        containerStatuses: [
          { name: 'main', state: { terminated: { exitCode: 143, finishedAt: at(main) } } },
          { name: 'gantry', state: companion },
        ],
      },
    );

  it('was ended by the cluster, unless we have told it', () => {
    const told = (exitCode: number, second: number) => ({ terminated: { exitCode, finishedAt: at(second) } });
    expect(whyEndedByCluster(step, endedAs(5, told(3, 5)))).toMatchObject({
      code: 'backend_failed',
      message:
        'The cluster ended the pod of step smoke while it ran: the node node-1 stopped all of its containers and gives no reason.',
    });
    expect(whyEndedByCluster(step, endedAs(5, told(137, 4)))).not.toBeNull();
    expect(whyEndedByCluster(step, endedAs(5, told(0, 5)))).toBeNull();
    expect(whyEndedByCluster(step, endedAs(5, { running: {} }))).toBeNull();
  });

  it('was not, where its program had ended before', () => {
    const later = { terminated: { exitCode: 3, finishedAt: at(9) } };
    expect(whyEndedByCluster(step, endedAs(5, later))).toBeNull();
  });
});

describe('the memory limit of a step', () => {
  const resources = (memory: string) => ({ limits: { memory } });

  it('is what its container had in the end, not what its pod was made with', () => {
    const made = { spec: { containers: [{ name: 'main', resources: resources('64Mi') }] } };
    const status = (has: object) => ({ containerStatuses: [{ name: 'main', ...has }] });
    const mib = 1024 * 1024;
    const parse = (has: object) => pod.parse({ metadata: { name: 'p' }, ...made, status: status(has) });
    expect(memoryLimitOf(parse({}))).toBe(64 * mib);
    expect(memoryLimitOf(parse({ resources: resources('96Mi') }))).toBe(96 * mib);
    expect(memoryLimitOf(pod.parse({ metadata: { name: 'p' } }))).toBeNull();
  });
});

describe('a command of the image that was never there', () => {
  it('is told apart from one that ends with 127 itself', () => {
    const ended = (message: string, reason = 'Error') => ({ exitCode: 127, reason, message });
    expect(() => checkWasStarted(step, ended('chdir failed', 'ContainerCannotRun'))).toThrow('chdir failed');
    expect(() => checkWasStarted(step, ended(''))).not.toThrow();
  });
});
