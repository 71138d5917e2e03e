import { type KeyCase, keysImage } from './key-case';

const untilStopped = (signal: string, last: string) =>
  `trap '${last}; exit 0' ${signal}; echo up; while true; do sleep 0.1; done`;

/** Keys that say which program runs, as whom, where and with what. */
export const programCases: KeyCase[] = [
  {
    title: 'say which program runs',
    keys: [
      'defaults',
      'defaults.image',
      'steps.*.image',
      'steps.*.args',
      'steps.*.entrypoint',
      'steps.*.init',
      'steps.*.run',
      'steps.*.cwd',
      'steps.*.user',
      'steps.*.capabilities',
      'steps.*.stop_signal',
    ],
    files: {
      'suite.yaml': `
defaults: { image: "${keysImage}" }
steps:
  plain: { kind: task, after: stopped }
  args: { kind: task, args: [a, b  c] }
  entrypoint: { kind: task, entrypoint: [echo, x] }
  image: { kind: task, image: "gantry/toolbox:local", entrypoint: [sh, -c, 'echo "[$MARK]"'] }
  init: { kind: task, init: false, entrypoint: [sh, -c, "echo $$"] }
  run: { kind: task, run: 'echo "$MARK in $(pwd) as $(id -u)"' }
  cwd: { kind: task, run: pwd, cwd: sub }
  user: { kind: task, run: id -u, user: 4242 }
  capabilities: { kind: task, run: grep CapBnd /proc/self/status, capabilities: none }
  stopped:
    kind: service
    run: ${JSON.stringify(untilStopped('USR1', 'echo got USR1'))}
    stop_signal: SIGUSR1
    ready: { log: up, timeout: 2m }
`,
      'sub/file.txt': '',
    },
    steps: {
      plain: { prints: ['entry image'] },
      args: { prints: ['entry a b  c'] },
      entrypoint: { prints: ['x'] },
      image: { prints: ['[]'] },
      init: { prints: ['1'] },
      run: { prints: ['keys in /suite as 1000'] },
      cwd: { prints: ['/suite/sub'] },
      user: { prints: ['4242'] },
      capabilities: { prints: [/^CapBnd:\s+0{16}$/] },
      stopped: { prints: ['up', 'got USR1'] },
    },
  },
  {
    title: 'give it variables and headers',
    keys: [
      'vars',
      'defaults.env',
      'defaults.headers',
      'steps.*.env',
      'steps.*.env_file',
      'steps.*.headers',
      'steps.*.secret_files',
    ],
    files: {
      'suite.yaml': `
vars: { word: world }
defaults:
  image: gantry/toolbox:local
  env: { LOW: defaults, HIGH: defaults }
  headers: { X-Low: defaults, X-High: defaults }
steps:
  vars: { kind: task, run: "echo \${{ vars.word }}" }
  env: { kind: task, run: 'echo "$LOW $HIGH $FILE"', env_file: app.env, env: { HIGH: step } }
  headers: { kind: task, run: 'echo "$GANTRY_HEADERS"', headers: { X-High: step } }
  secret: { kind: task, run: 'wc -c < /run/secrets/TOKEN; echo "[$TOKEN]"', secret_files: TOKEN }
`,
      'app.env': 'HIGH=file\nFILE=file\n',
      'profiles/default.yaml': 'secrets: [{ key: TOKEN, from: "env:KEYS_TOKEN" }]\n',
    },
    steps: {
      vars: { prints: ['world'] },
      env: { prints: ['defaults step file'] },
      headers: { prints: ['{"X-Low":"defaults","X-High":"step"}'] },
      secret: { prints: ['12', '[]'] },
    },
  },
  {
    title: 'build its image',
    keys: [
      'steps.*.build',
      'steps.*.build.context',
      'steps.*.build.dockerfile',
      'steps.*.build.dockerfile_inline',
      'steps.*.build.target',
      'steps.*.build.args',
    ],
    files: {
      'suite.yaml': `
steps:
  folder: { kind: task, build: api }
  mapping:
    kind: task
    build: { context: api, dockerfile: ../other/Dockerfile, target: wanted, args: { WORD: given } }
  inline:
    kind: task
    build: { dockerfile_inline: "FROM gantry/toolbox:local\\nCMD [\\"echo\\", \\"inline\\"]" }
`,
      'api/Dockerfile': 'FROM gantry/toolbox:local\nCOPY word.txt /\nCMD ["cat", "/word.txt"]\n',
      'api/word.txt': 'of the folder\n',
      'other/Dockerfile': `FROM gantry/toolbox:local AS wanted
ARG WORD=none
ENV WORD=$WORD
COPY word.txt /
CMD ["sh", "-c", "echo $WORD, $(cat /word.txt)"]
FROM wanted
CMD ["echo", "the last stage"]
`,
    },
    steps: {
      folder: { prints: ['of the folder'] },
      mapping: { prints: ['given, of the folder'] },
      inline: { prints: ['inline'] },
    },
  },
  {
    title: 'say when an image is pulled and for which platform',
    keys: ['steps.*.pull', 'steps.*.platform', 'steps.*.gpus'],
    files: {
      'suite.yaml': `
steps:
  pull: { kind: task, image: "gantry-test/nowhere:1", pull: never }
  platform: { kind: task, image: "${keysImage}", platform: linux/s390x, pull: never }
  gpus: { kind: task, image: "${keysImage}", gpus: 1 }
`,
    },
    status: 'errored',
    steps: {
      pull: { status: 'errored', reason: 'says pull: never' },
      platform: { status: 'errored', reason: /is made for linux\/\w+, not for linux\/s390x/ },
      gpus: { status: 'errored', reason: /gpu/ },
    },
  },
];
