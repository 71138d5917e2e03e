import { describe, expect, it } from 'vitest';
import { makePlan } from '@/lib/planning/make-plan';
import { problemsOf, readValid, type SuiteFiles } from './suite-folder';

function planOf(files: string | SuiteFiles) {
  return makePlan(readValid(files), { profile: null, platformEnv: {}, env: {} }).nodes;
}

describe('the keys that say how an image is run', () => {
  it('are read', () => {
    const [node] = planOf(`
steps:
  db:
    kind: service
    image: postgres:16
    args: [postgres, -c, 300, true]
    entrypoint: [/start, --now]
    user: 1000:1000
    stop_signal: SIGRTMIN+3
    init: false
    capabilities: none
    files: { /suite.yaml/: ./suite.yaml, /etc/app: { from: ., mode: 0640 } }
    tmpfs: /run
    volumes: { /data/: data, /etc/shared: { name: Shared_1, read_only: true } }
    shm_size: 128Mi
    hostname: db-1
    extra_hosts: { pay.example: 203.0.113.7, six: "::1" }
    ulimits: { nofile: 65536, memlock: -1, nproc: { soft: 64, hard: 128 } }
    sysctls: { net.core.somaxconn: 1024, net.ipv4.ip_local_port_range: "1024 65000" }
    platform: linux/arm64/v8
    gpus: all
    healthcheck: { test: [CMD-SHELL, pg_isready || exit 1], interval: 5s, retries: 2 }
    aliases: [Db_Main, db.example]
`);
    expect(node).toMatchObject({
      command: null,
      capabilities: 'none',
      container: {
        args: ['postgres', '-c', '300', 'true'],
        entrypoint: ['/start', '--now'],
        user: '1000:1000',
        stopSignal: 'SIGRTMIN+3',
        init: false,
        files: [
          { path: '/suite.yaml', from: 'suite.yaml', mode: null },
          { path: '/etc/app', from: '.', mode: 0o640 },
        ],
        tmpfs: ['/run'],
        volumes: [
          { path: '/data', name: 'data', readOnly: false },
          { path: '/etc/shared', name: 'Shared_1', readOnly: true },
        ],
        shmBytes: 134_217_728,
        hostname: 'db-1',
        extraHosts: { 'pay.example': '203.0.113.7', six: '::1' },
        readOnly: false,
        ulimits: {
          nofile: { soft: 65_536, hard: 65_536 },
          memlock: { soft: -1, hard: -1 },
          nproc: { soft: 64, hard: 128 },
        },
        sysctls: { 'net.core.somaxconn': '1024', 'net.ipv4.ip_local_port_range': '1024 65000' },
        platform: 'linux/arm64/v8',
        gpus: 'all',
        healthCheck: {
          argv: ['sh', '-c', 'pg_isready || exit 1'],
          intervalMs: 5_000,
          timeoutMs: 30_000,
          retries: 2,
          startPeriodMs: 0,
        },
        aliases: ['Db_Main', 'db.example'],
      },
    });
  });

  it('are refused beside the program that replaces it, and where they are wrong', () => {
    expect(
      problemsOf(`steps:
  a: { kind: task, run: x, image: i, args: [y] }
  b: { kind: task, run: x, entrypoint: [y] }
  c: { kind: task, image: i, args: -c x }
  d: { kind: task, image: i, user: "a b" }
  e: { kind: task, image: i, stop_signal: SIGKILL }
  f: { kind: task, image: i, entrypoint: [] }
  g: { kind: task, run: x, user: 0 }
  h: { kind: task, run: x, files: { /a: missing, /run/b: suite.yaml }, tmpfs: [/run] }
  i: { kind: task, run: x, files: { /suite/a: suite.yaml, /b: { from: ../b }, /c: { from: suite.yaml, mode: 888 } } }
  j: { kind: task, run: x, extra_hosts: { host: host-gateway } }
  k: { kind: task, run: x, read_only: true, files: { /a: suite.yaml }, platform: amd64 }
  l: { kind: task, run: x, ulimits: { nice: 1, nofile: { soft: 2, hard: 1 }, core: none } }
  m: { kind: task, run: x, sysctls: { vm.max_map_count: 262144 } }
  o: { kind: service, run: x, aliases: [N, X_1], healthcheck: { test: a, retries: 0 }, gpus: 0 }
  n: { kind: task, run: x, tmpfs: /a, volumes: { /a: a } }
  p: { kind: task, run: x, volumes: { /b: ./b } }
  q: { kind: task, run: x, ulimits: { nofile: { soft: 2, hard: 1 }, core: { soft: -1, hard: 0 } } }
`),
    ).toEqual([
      'suite.yaml:2:38 steps.a.args: expected "run" or "args", found both: "run" replaces the image\'s program',
      'suite.yaml:3:28 steps.b.entrypoint: expected "run" or "entrypoint", found both: "run" replaces the image\'s program',
      'suite.yaml:4:36 steps.c.args: expected a list of arguments, found "-c x"',
      'suite.yaml:5:36 steps.d.user: expected a user, such as node, 1000 or 1000:1000, found "a b"',
      'suite.yaml:6:43 steps.e.stop_signal: expected the name of a signal, such as SIGINT, found "SIGKILL"',
      'suite.yaml:7:42 steps.f.entrypoint: expected a command, found a list without a program',
      'suite.yaml:9:41 steps.h.files./a: expected a file or folder of the suite, found "missing"',
      'suite.yaml:9:58 steps.h.files./run/b: expected a place outside "tmpfs", which is empty at the start, found one in /run',
      'suite.yaml:10:37 steps.i.files: expected an absolute path without "..", not below /suite, /gantry, /proc, /sys or /dev, found "/suite/a"',
      'suite.yaml:10:71 steps.i.files./b.from: expected a file or folder of the suite, without "..", found "../b"',
      'suite.yaml:10:109 steps.i.files./c.mode: expected permissions in octal, such as 0644, found 888',
      'suite.yaml:11:49 steps.j.extra_hosts.host: expected an IP address, found "host-gateway"',
      'suite.yaml:12:45 steps.k.files: expected "files" or "read_only", found both: nothing can be copied into a read-only container',
      'suite.yaml:12:82 steps.k.platform: expected a platform such as linux/amd64, found "amd64"',
      'suite.yaml:13:39 steps.l.ulimits: expected one of core, cpu, data, fsize, locks, memlock, msgqueue, nofile, nproc, rss, sigpending, stack, found "nice"',
      'suite.yaml:13:84 steps.l.ulimits.core: expected a whole number, -1 for no limit, or {soft, hard}, found "none"',
      expect.stringMatching(
        /^suite.yaml:14:39 steps.m.sysctls: expected one of kernel.shm_rmid_forced, .*, found "vm.max_map_count"$/,
      ),
      'suite.yaml:15:40 steps.o.aliases: expected names of no other step, found "N" of n',
      'suite.yaml:15:83 steps.o.healthcheck.retries: expected a number of checks from 1 to 1000, found 0',
      'suite.yaml:15:94 steps.o.gpus: expected a number of graphics processors from 1 to 64, or "all", found 0',
      'suite.yaml:16:50 steps.n.volumes./a: expected a place that is not in "tmpfs" too',
      'suite.yaml:17:43 steps.p.volumes./b: expected the name of a volume: letters, digits, "_" and "-", found "./b"',
      'suite.yaml:18:47 steps.q.ulimits.nofile: expected a "soft" limit of at most the "hard" one, found 2 above 1',
      'suite.yaml:18:75 steps.q.ulimits.core: expected a "soft" limit of at most the "hard" one, found -1 above 0',
    ]);
  });
});

describe('env files', () => {
  it('set variables below those of the step, the later file above the earlier one', () => {
    const suite = readValid({
      'suite.yaml': 'steps: { a: { kind: task, run: x, env_file: [./a.env, b.env], env: { D: step } } }',
      'a.env': `\ufeff# first\r\nA=1 # one\r\nexport B = two words\nC="x\\n\\"y\\"" # c\nD=file\nE='a$b#c'\nF=#\nG=a#b\n`,
      'b.env': 'A=2',
    });
    expect(suite.steps[0]).toMatchObject({
      env: { A: '2', B: 'two words', C: 'x\n"y"', D: 'step', E: 'a$b#c', F: '', G: 'a#b' },
    });
  });

  it('are refused where they are missing, or with the line that is wrong', () => {
    expect(
      problemsOf({
        'suite.yaml': 'steps: { a: { kind: task, run: x, env_file: [no.env, a.env] } }',
        'a.env': 'A=1\nnothing\n\nGANTRY_X=1\nQ="open',
      }),
    ).toEqual([
      'suite.yaml:1:45 steps.a.env_file: expected a file of the suite, found "no.env"',
      'a.env:2:1 expected NAME=value, a comment or an empty line',
      'a.env:4:1 names that begin with GANTRY_ are kept for Gantry itself',
      'a.env:5:1 expected the closing quote in the same line',
    ]);
  });
});
