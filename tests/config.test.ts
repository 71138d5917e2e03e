import { describe, expect, it } from 'vitest';
import { loadConfig } from '@/lib/config';

describe('loadConfig', () => {
  it('fills in every default, and takes an empty setting as not set', () => {
    expect(loadConfig({ PORT: '', GANTRY_DATA: undefined }, '/srv/gantry')).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      dataFolder: '/srv/gantry/.gantry',
      suiteRoots: ['/srv/gantry/suites'],
      databaseUrl: null,
      processBackend: 'off',
      leaseMs: 8_000,
    });
  });

  it('splits suite roots like a PATH', () => {
    expect(loadConfig({ GANTRY_SUITES: 'a:/b' }, '/srv').suiteRoots).toEqual(['/srv/a', '/b']);
  });

  it('tells agents to say that they are there in whole milliseconds, however long their leases are', () => {
    for (const seconds of ['4', '10', '60']) {
      const { agentHeartbeatMs } = loadConfig({ GANTRY_AGENT_LEASE_SECONDS: seconds }, '/srv');
      expect(Number.isInteger(agentHeartbeatMs)).toBe(true);
    }
  });

  it('names every setting that is wrong, with what was expected and found, but no secret', () => {
    const load = () =>
      loadConfig(
        {
          PORT: '70000',
          GANTRY_MAX_STEPS: 'many',
          GANTRY_BOOTSTRAP_TOKEN: 'hunter2',
          DATABASE_URL: 'mysql://u:pw@h/d',
        },
        '/srv',
      );

    expect(load).toThrow('PORT: expected a port from 0 to 65535, found "70000"');
    expect(load).toThrow('GANTRY_MAX_STEPS: expected a whole number, found "many"');
    expect(load).toThrow('GANTRY_BOOTSTRAP_TOKEN: expected at least 16 characters');
    expect(load).toThrow('DATABASE_URL: expected a URL such as postgres://');
    expect(load).not.toThrow(/hunter2|u:pw/);
  });

  it.each([
    ['1', 'production', 'on'],
    ['0', 'development', 'off'],
    ['auto', 'production', 'auto'],
    [undefined, 'development', 'auto'],
    [undefined, 'production', 'off'],
  ])('offers the process backend for GANTRY_PROCESS_BACKEND=%s in %s: %s', (given, mode, expected) => {
    expect(loadConfig({ GANTRY_PROCESS_BACKEND: given, NODE_ENV: mode }, '/srv').processBackend).toBe(
      expected,
    );
  });
});
