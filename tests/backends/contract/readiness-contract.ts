import { expect } from 'vitest';
import type { ReadyProbe } from '@/lib/model/node';
import type { ServiceAddress } from '@/lib/model/step-spec';
import type { ContractContext, ContractProgram } from '../backend-contract';
import type { WatchedStep } from './contract-run';

const services: ServiceAddress[] = [
  { stepId: 'api', name: 'api', ports: [8080] },
  { stepId: 'nested/back-end', name: 'nested-back-end', ports: [9000, 9001] },
];

/** When a service counts as ready, and how others reach it. */
export function readinessContract({ test, openStep, sibling, run }: ContractContext): void {
  const service = (probe: ReadyProbe | null, timeoutMs = 120_000) => ({
    id: 'api',
    kind: 'service' as const,
    ports: [8080],
    ready: probe && { probes: [probe], forMs: 0, intervalMs: 50, timeoutMs },
  });

  const probes: ReadyProbe[] = [
    { type: 'tcp', port: 8080 },
    { type: 'http', port: 8080, path: '/health', status: null },
    { type: 'http', port: 8080, path: '/teapot', status: [418] },
    { type: 'log', rule: { text: null, pattern: 'listening on \\d+', stream: 'any' }, count: 1 },
    {
      type: 'exec',
      argv: ['node', '-e', "fetch('http://127.0.0.1:' + process.env.API_PORT).catch(() => process.exit(1))"],
    },
  ];
  for (const probe of probes) {
    const what = probe.type === 'http' ? `${probe.type} ${probe.path}` : probe.type;
    test(`a service is ready when its ${what} probe passes`, async () => {
      const watched = run(await openStep(listensLate, { services, node: service(probe) }));
      await watched.until(({ calls }) => calls.includes('ready'));
      expect(watched.calls.indexOf('running')).toBeLessThan(watched.calls.indexOf('ready'));
      watched.stop('not_needed');
      expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 0 });
      expect(watched.calls.filter((call) => call === 'ready')).toHaveLength(1);
    });
  }

  test('a service is ready when a line has come as often as its log probe asks', async () => {
    const twice = {
      source: `
        console.log('ready');
        setTimeout(() => { console.log('listening'); console.log('ready'); }, 300);
        process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);`,
      fake: {
        lines: ['ready', { text: 'listening', afterMs: 50 }, 'ready'],
        readyAfterMs: 60,
        onSigterm: {},
      },
    };
    const probe = { type: 'log' as const, rule: literally('ready'), count: 2 };
    const watched = run(await openStep(twice, { services, node: service(probe) }));
    await watched.until(({ calls }) => calls.includes('ready'));
    watched.stop('not_needed');
    await watched.outcome;
    expectReadyAfter(watched, 'listening');
  });

  test('a service is ready when all of its probes hold', async () => {
    const ready = {
      ...service({ type: 'tcp', port: 8080 }),
      ready: {
        probes: [
          { type: 'tcp' as const, port: 8080 },
          { type: 'log' as const, rule: literally('warm'), count: 1 },
        ],
        ...{ forMs: 0, intervalMs: 50, timeoutMs: 15_000 },
      },
    };
    const watched = run(await openStep(warmsUp, { services, node: ready }));
    await watched.until(({ calls }) => calls.includes('ready'));
    watched.stop('not_needed');
    await watched.outcome;
    expectReadyAfter(watched, 'warm');
  });

  test('a service is ready once its probe has held for as long as it asks', async () => {
    const opens = { ...service({ type: 'tcp', port: 8080 }) };
    const ready = opens.ready && { ...opens.ready, forMs: 1_500 };
    const watched = run(await openStep(opensTwice, { services, node: { ...opens, ready } }));
    await watched.until(({ calls }) => calls.includes('ready'));
    watched.stop('not_needed');
    await watched.outcome;
    expectReadyAfter(watched, 'open again');
  });

  test('a log probe matches what a person reads of a coloured line', async () => {
    const coloured = {
      source: `
        console.log('\\x1b[32mlistening\\x1b[39m on \\x1b[1m8080\\x1b[22m');
        process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);`,
      fake: { lines: ['\x1b[32mlistening\x1b[39m on \x1b[1m8080\x1b[22m'], onSigterm: {} },
    };
    const probe = { type: 'log' as const, rule: literally('listening on 8080'), count: 1 };
    const watched = run(await openStep(coloured, { services, node: service(probe) }));
    await watched.until(({ calls }) => calls.includes('ready'));
    watched.stop('not_needed');
    await watched.outcome;
  });

  test('a log probe matches a line that has no end yet, and people see it', async () => {
    const prompt = {
      source: `
        process.stdout.write('10 %\\r20 %\\rready. Press Ctrl-C to stop');
        process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);`,
      fake: { unfinished: 'ready. Press Ctrl-C to stop', onSigterm: {} },
    };
    const probe = { type: 'log' as const, rule: literally('ready'), count: 1 };
    const watched = run(await openStep(prompt, { services, node: service(probe) }));
    await watched.until(({ calls, unfinished }) => calls.includes('ready') && unfinished.length > 0);
    expect(watched.unfinished).toEqual([{ stream: 'stdout', text: 'ready. Press Ctrl-C to stop' }]);
    watched.stop('not_needed');
    await watched.outcome;
    expect(watched.texts()).toEqual(['ready. Press Ctrl-C to stop']);
  });

  test('a service without a probe is ready when it runs', async () => {
    const watched = run(await openStep(listensLate, { services, node: service(null) }));
    await watched.until(({ calls }) => calls.includes('ready'));
    watched.stop('not_needed');
    expect((await watched.outcome).ended).toBe('stopped');
  });

  test('a service that ends before it is ready has exited', async () => {
    const dies = {
      source: `console.error('no'); process.exitCode = 9;`,
      fake: {
        lines: [{ text: 'no', stream: 'stderr' as const }],
        runsMs: 0,
        exitCode: 9,
        readyAfterMs: null,
      },
    };
    const watched = run(await openStep(dies, { services, node: service({ type: 'tcp', port: 8080 }) }));
    expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 9 });
    expect(watched.texts()).toEqual(['no']);
    expect(watched.calls).not.toContain('ready');
  });

  test('a service that is not ready in time is stopped, with the last answer as the reason', async () => {
    const deaf = { source: 'setInterval(() => {}, 1000);', fake: { readyAfterMs: null } };
    const watched = run(await openStep(deaf, { services, node: service({ type: 'tcp', port: 8080 }, 600) }));
    const outcome = await watched.outcome;
    expect(outcome.ended).toBe('not_ready');
    expect(outcome.reason).toBeTruthy();
    expect(watched.calls).not.toContain('ready');
  });

  test('a step reaches a service by <NAME>_HOST and <NAME>_PORT', async () => {
    const api = await openStep(listensLate, { services, node: service({ type: 'tcp', port: 8080 }) });
    const serving = run(api);
    await serving.until(({ calls }) => calls.includes('ready'));
    const caller = run(sibling(api, calls, { id: 'caller', kind: 'task', ready: null, ports: [] }));
    expect(await caller.outcome).toMatchObject({ exitCode: 0 });
    expect(caller.texts()).toEqual(['200 hello', 'same port', 'ports of both']);
    serving.stop('not_needed');
    await serving.outcome;
  });
}

/** The line may be delivered later than the news that it has made the service ready, but was printed before. */
function expectReadyAfter({ lines, readyAtMs }: WatchedStep, text: string): void {
  const line = lines.find((each) => each.text === text);
  expect(line).toBeDefined();
  expect(readyAtMs).toBeGreaterThanOrEqual(line?.atMs ?? Number.POSITIVE_INFINITY);
}

function literally(text: string) {
  return { text, pattern: null, stream: 'any' as const };
}

const warmsUp: ContractProgram = {
  source: `
    const server = require('net').createServer(() => {});
    server.listen(Number(process.env.API_PORT ?? 8080), () => {
      console.log('listening');
      setTimeout(() => console.log('warm'), 500);
    });
    process.on('SIGTERM', () => process.exit(0));`,
  fake: { lines: ['listening', { text: 'warm', afterMs: 50 }], readyAfterMs: 60, onSigterm: {} },
};

const opensTwice: ContractProgram = {
  source: `
    const listen = (what) => {
      const server = require('net').createServer((socket) => socket.end());
      server.listen(Number(process.env.API_PORT ?? 8080), () => console.log(what));
      return server;
    };
    const first = listen('open');
    setTimeout(() => first.close(() => {
      console.log('closed');
      setTimeout(() => listen('open again'), 1000);
    }), 800);
    process.on('SIGTERM', () => process.exit(0));`,
  fake: { lines: ['open', 'closed', { text: 'open again', afterMs: 50 }], readyAfterMs: 60, onSigterm: {} },
};

const listensLate: ContractProgram = {
  source: `
    const port = Number(process.env.API_PORT ?? 8080);
    const server = require('http').createServer((request, response) => {
      response.statusCode = request.url === '/teapot' ? 418 : 200;
      response.end('hello');
    });
    setTimeout(() => server.listen(port, () => console.log('listening on ' + port)), 150);
    process.on('SIGTERM', () => process.exit(0));`,
  fake: { lines: [{ text: 'listening on 8080', afterMs: 50 }], readyAfterMs: 60, onSigterm: {} },
};

const calls: ContractProgram = {
  source: `
    const { API_HOST, API_PORT, API_PORT_8080, NESTED_BACK_END_PORT, NESTED_BACK_END_PORT_9000, NESTED_BACK_END_PORT_9001 } = process.env;
    fetch('http://' + API_HOST + ':' + API_PORT).then(async (response) => {
      console.log(response.status + ' ' + (await response.text()));
      console.log(API_PORT === API_PORT_8080 ? 'same port' : 'other port');
      const both = NESTED_BACK_END_PORT === NESTED_BACK_END_PORT_9000 && NESTED_BACK_END_PORT_9001 > 0;
      console.log(both ? 'ports of both' : JSON.stringify(process.env));
    });`,
  fake: { lines: ['200 hello', 'same port', 'ports of both'] },
};
