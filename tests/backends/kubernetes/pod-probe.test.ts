import { describe, expect, it } from 'vitest';
import { readinessProbe } from '@/lib/backends/kubernetes/pod-probe';
import { noContainerOptions } from '@/lib/model/container-options';

const times = { forMs: 0, intervalMs: 250, timeoutMs: 60_000 };
const healthCheck = { argv: ['ok'], intervalMs: 5_000, timeoutMs: 7_000, retries: 3, startPeriodMs: 0 };

describe('The probe of a pod', () => {
  it('runs a health check after its first interval, as an engine does', () => {
    const ready = { probes: [{ type: 'healthcheck' as const }], ...times };
    expect(readinessProbe({ ready, container: { ...noContainerOptions, healthCheck } })).toEqual({
      readinessProbe: {
        exec: { command: ['ok'] },
        initialDelaySeconds: 5,
        periodSeconds: 5,
        timeoutSeconds: 7,
        failureThreshold: 1,
      },
    });
  });

  it('runs a command of `ready` at once', () => {
    const ready = { probes: [{ type: 'exec' as const, argv: ['ok'] }], ...times };
    expect(readinessProbe({ ready, container: { ...noContainerOptions, healthCheck } })).toEqual({
      readinessProbe: {
        exec: { command: ['ok'] },
        periodSeconds: 1,
        timeoutSeconds: 5,
        failureThreshold: 1,
      },
    });
  });
});
