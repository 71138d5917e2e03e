import { expect } from 'vitest';
import { runSuite, secondsBetween } from '../suite-run';
import type { Case, OwnSuites } from './case';

const toolbox = 'gantry/toolbox:local';

/** The same database, waited for by its second sentence and until its port has held. */
export const readinessSuites: OwnSuites = {
  'twice-ready-counted': {
    defaults: { image: toolbox, timeout: '30s' },
    steps: {
      db: {
        kind: 'service',
        run: twiceReady(),
        ports: [5432],
        ready: { log: { text: 'database system is ready', count: 2 }, timeout: '20s' },
      },
      connects: { kind: 'test', run: 'nc -w 1 db 5432 </dev/null && echo connected', after: ['db'] },
    },
  },
  'flap-held': {
    defaults: { image: toolbox, timeout: '30s' },
    steps: {
      db: {
        kind: 'service',
        run: flapping(),
        ports: [5432],
        ready: { tcp: 5432, for: '2s', timeout: '25s' },
      },
      connects: { kind: 'test', run: 'sleep 1; nc -w 1 db 5432 </dev/null && echo connected', after: ['db'] },
    },
  },
};

/** When a service counts as ready, and what its reason says when it does not. */
export const readinessCases: Case[] = [
  {
    folder: 'flap',
    title: 'a port that closes again is not ready where `for` asks for two seconds',
    async check({ step }, api) {
      expect(step('db').attempts[0]?.readyAt).not.toBeNull();
      const held = await runSuite(api, 'flap-held');
      expect(held.statuses(), held.reason('connects')).toMatchObject({ connects: 'passed' });
      expect(held.printed('db')).toEqual(['first up', 'first down', 'second up']);
    },
  },
  {
    folder: 'twice-ready',
    title: 'a port is ready once it is open, and a sentence once it has come as often as `count` says',
    async check({ statuses, printed }, api) {
      expect(statuses()).toMatchObject({ 'by-tcp': 'passed', 'by-default': 'passed' });
      expect(printed('by-tcp')).toEqual(['pgconnected']);
      expect(printed('by-default')).toEqual(['pgconnected']);
      const counted = await runSuite(api, 'twice-ready-counted');
      expect(counted.execution.status, counted.execution.cause?.sentence).toBe('passed');
      expect(counted.printed('connects')).toEqual(['pgconnected']);
    },
  },
  {
    folder: 'local-listener',
    title: 'the reason names the address at which the service listens instead',
    check({ statuses, reason, seconds, printed }) {
      expect(statuses()).toMatchObject({ api: 'failed', 'api-exec': 'passed', te: 'failed', t: 'skipped' });
      expect(reason('api')).toMatch(/^not ready after 4 s: tcp port 8080: connection refused/);
      expect(reason('api')).toContain('127.0.0.1');
      expect(seconds('api')).toBeGreaterThan(4);
      expect(seconds('api')).toBeLessThan(20);
      expect(reason('te')).toBe('exit code 1, expected 0');
      expect(printed('api')).toEqual(['listening on 127.0.0.1:8080']);
      if (statuses().api6 === 'failed') expect(reason('api6')).toMatch(/IPv6|::/);
    },
  },
  {
    folder: 'log-rules',
    onProcesses: true,
    title: 'a rule matches what a person reads, colours and unfinished lines included',
    check({ execution, statuses, step }) {
      expect(execution.status, execution.cause?.sentence).toBe('passed');
      expect(statuses()).toMatchObject({
        a: 'passed',
        b: 'passed',
        c: 'passed',
        d: 'passed',
        jest: 'passed',
      });
      for (const id of ['coloured', 'prompt', 'crlf', 'progress'])
        expect(step(id).attempts[0]?.readyAt, id).not.toBeNull();
    },
  },
  {
    folder: 'image-workdir',
    title: 'the image’s own command runs in its own folder',
    check({ execution, printed }) {
      expect(execution.status, execution.cause?.sentence).toBe('passed');
      expect(printed('api')).toEqual(['cwd /app']);
      expect(printed('ask')).toEqual(['hello hi']);
    },
  },
  {
    folder: 'ok-health',
    title: 'a health check counts although it fails during its start period',
    check({ statuses, reason, step, printed }) {
      expect(statuses()).toMatchObject({ ask: 'passed', nohealth: 'failed' });
      expect(printed('ask')).toEqual(['hello hi']);
      const [attempt] = step('slow').attempts;
      const waited = secondsBetween(attempt?.runningAt ?? null, attempt?.readyAt ?? null);
      expect(waited).toBeGreaterThan(3.5);
      expect(waited).toBeLessThan(20);
      expect(reason('nohealth')).toContain('neither the step nor its image has one');
    },
  },
];

function twiceReady(): string[] {
  return [
    'node',
    '-e',
    `const net = require('net'); const say = () => console.log('database system is ready');
     const first = net.createServer().listen('/tmp/first', () => { say(); setTimeout(() => first.close(() =>
       setTimeout(() => net.createServer((c) => c.on('error', () => {}).end('pg')).listen(5432, say), 2000)), 500); });`,
  ];
}

function flapping(): string[] {
  return [
    'node',
    '-e',
    `const net = require('net'); const first = net.createServer((c) => c.on('error', () => {}).end()).listen(5432, () => {
       console.log('first up'); setTimeout(() => first.close(() => { console.log('first down'); setTimeout(() =>
         net.createServer((c) => c.on('error', () => {}).end('pg')).listen(5432, () => console.log('second up')), 1500); }), 700); });`,
  ];
}
