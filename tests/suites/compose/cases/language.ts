import type { ComposeCase } from './compose-case';

/** The language itself: YAML, variables, several files. */
export const languageCases: ComposeCase[] = [
  {
    name: 'anchors and merge keys',
    files: `x-base: &base
  image: app
  environment: &env { A: 1, B: 2 }
services:
  one:
    <<: *base
    environment: { <<: *env, B: 3 }
  two: { <<: [*base, { image: other, user: root }], working_dir: /w }
`,
    steps: {
      one: { kind: 'service', image: 'app', env: { A: '1', B: '3' } },
      two: { kind: 'service', image: 'app', env: { A: '1', B: '2' }, cwd: '/w', user: 'root' },
    },
  },
  {
    name: 'numbers in environment are Go’s',
    files: `services:
  app:
    image: app
    environment:
      OCTAL: 010
      FLOAT: 1.10
      EXPONENT: 1e3
      YES: yes
      TIME: 22:22
      HEX: 0x1f
      UNDERSCORE: 1_000
      BIG: 12345678901234567890
      TRUTH: true
      QUOTED: "010"
      NOT_OCTAL: 08
      SMALL: 0.00001
`,
    steps: {
      app: {
        kind: 'service',
        image: 'app',
        env: {
          OCTAL: '8',
          FLOAT: '1.1',
          EXPONENT: '1000',
          YES: 'yes',
          TIME: '22:22',
          HEX: '31',
          UNDERSCORE: '1000',
          BIG: '12345678901234567890',
          TRUTH: 'true',
          QUOTED: '010',
          NOT_OCTAL: '8',
          SMALL: '1e-05',
        },
      },
    },
  },
  {
    name: 'a key that is no text is refused',
    files: 'services:\n  app:\n    image: app\n    environment:\n      TRUE: x\n',
    problems: ['compose.yaml:5:7 expected a key that is a text, found TRUE; put it in quotes: "TRUE"'],
  },
  {
    name: 'a bare date is refused',
    files: 'services:\n  app:\n    image: app\n    environment:\n      DAY: 2024-01-02\n',
    problems: [
      'compose.yaml:5:12 expected a text, found the date 2024-01-02; put it in quotes: "2024-01-02"',
    ],
  },
  {
    name: 'variables in all forms',
    files: {
      'compose.yaml': `services:
  app:
    image: "app:\${TAG}"
    environment:
      DEFAULT: \${MISSING:-d}
      EMPTY: \${BLANK:-d}
      EMPTY_SET: \${BLANK-d}
      OTHER: \${TAG:+other}
      NO_OTHER: x\${MISSING+other}
      DOLLAR: $$TAG
      NESTED: \${MISSING:-\${TAG:-no}-x}
      BRACES: '\${MISSING:-{"a": 1}}'
      PLAIN: $TAG-$1
      REQUIRED: \${TAG:?why}
`,
      '.env': 'TAG=1.2\nBLANK=\n',
    },
    steps: {
      app: {
        kind: 'service',
        image: 'app:1.2',
        env: {
          DEFAULT: 'd',
          EMPTY: 'd',
          EMPTY_SET: '',
          OTHER: 'other',
          NO_OTHER: 'x',
          DOLLAR: '$TAG',
          NESTED: '1.2-x',
          BRACES: '{"a": 1}',
          PLAIN: '1.2-$1',
          REQUIRED: '1.2',
        },
      },
    },
  },
  {
    name: 'a required variable is missing',
    files: 'services:\n  app:\n    image: app:${TAG:?say which}\n',
    problems: [
      'compose.yaml:3:5 services.app.image: expected a value for the variable TAG, found none: say which; set it in .env',
    ],
  },
  {
    name: 'a variable is not set',
    files: 'services:\n  app:\n    image: app\n    user: "${WHO}"\n',
    steps: { app: { kind: 'service', image: 'app' } },
    notices: [
      'compose.yaml:4:5 the variable WHO is not set, so it is empty; set it in .env, or give it a default: ${WHO:-…}',
    ],
  },
  {
    name: 'an invalid template',
    files: 'services:\n  app:\n    image: app:${TAG\n',
    problems: ['compose.yaml:3:5 services.app.image: expected ${NAME}, ${NAME:-default}'],
  },
  {
    name: 'the syntax of .env',
    files: {
      'compose.yaml':
        'services:\n  app:\n    image: app\n    environment: [A, B, C, D, E, F, G, H, "I=$A-${B}"]\n',
      '.env': `# a comment
A=plain # more
export B="double \\"x\\" \\n $A"
C='single $A'
D: yaml
E=
F=a#b
G="two
lines"
H=\${A}!
`,
    },
    steps: {
      app: {
        kind: 'service',
        image: 'app',
        env: {
          A: 'plain',
          B: 'double "x" \n plain',
          C: 'single $A',
          D: 'yaml',
          E: '',
          F: 'a#b',
          G: 'two\nlines',
          H: 'plain!',
          I: 'plain-double "x" \n plain',
        },
      },
    },
  },
  {
    name: 'env files below environment',
    files: {
      'compose.yaml': `services:
  app:
    image: app
    env_file:
      - a.env
      - path: missing.env
        required: false
      - { path: raw.env, format: raw }
    environment: { B: own, PASS: }
`,
      'a.env': 'A=1\nB=file\nC=$A-x\n',
      'raw.env': 'R="raw" $A\n',
    },
    steps: { app: { kind: 'service', image: 'app', env: { A: '1', B: 'own', C: '1-x', R: '"raw" $A' } } },
  },
  {
    name: 'an env file is missing',
    files: 'services:\n  app:\n    image: app\n    env_file: [x.env]\n',
    problems: ['compose.yaml:4:16 env_file: expected the env file x.env, found none; add it'],
  },
  {
    name: 'a command that is one text loses what a shell would read',
    files: `services:
  pipe: { image: app, command: echo a | grep b }
  quoted: { image: app, command: "sh -c 'a | b; c'" }
  backslash: { image: app, command: 'grep "a\\d"' }
  redirect: { image: app, command: run 2>log }
  escaped: { image: app, entrypoint: 'say a\\ b "" ''c d''' }
`,
    steps: {
      pipe: { kind: 'service', image: 'app', args: ['echo', 'a'] },
      quoted: { kind: 'service', image: 'app', args: ['sh', '-c', 'a | b; c'] },
      backslash: { kind: 'service', image: 'app', args: ['grep', 'ad'] },
      redirect: { kind: 'service', image: 'app', args: ['run'] },
      escaped: { kind: 'service', image: 'app', entrypoint: ['say', 'a b', '', 'c d'] },
    },
    notices: [
      'compose.yaml:2:23 command: no shell reads this text, and Compose drops "| grep b"',
      'compose.yaml:4:28 command: Compose takes a backslash within double quotes away',
      'compose.yaml:5:27 command: no shell reads this text, and Compose drops ">log"',
    ],
  },
  {
    name: 'an open quote',
    files: "services:\n  app:\n    image: app\n    command: echo it's\n",
    problems: ['compose.yaml:4:5 services.app.command: expected a command whose quotes and parentheses fit'],
  },
  {
    name: 'an override file lies over the first',
    files: {
      'compose.yaml': `services:
  app:
    image: app
    command: one
    environment: [A=1, B=2]
    ports: ["80"]
    tmpfs: [/a]
    depends_on: { db: { condition: service_healthy } }
  db: { image: db, healthcheck: { test: [CMD, "true"] } }
`,
      'compose.override.yaml': `services:
  app:
    command: two
    environment: { B: 3 }
    ports: ["81"]
    tmpfs: [/b]
    depends_on: { db: { restart: true } }
`,
    },
    steps: {
      app: {
        kind: 'service',
        image: 'app',
        args: ['two'],
        env: { A: '1', B: '3' },
        tmpfs: ['/a', '/b'],
        after: ['db'],
        ports: [80, 81],
        ready: { tcp: 80, timeout: '5m' },
      },
      db: {
        kind: 'service',
        image: 'db',
        healthcheck: { test: ['true'], interval: '30s', timeout: '30s', retries: 3 },
        ready: { healthcheck: true, timeout: '180s' },
      },
    },
  },
  {
    name: 'an override resets and overrides',
    files: {
      'compose.yaml':
        'services:\n  app:\n    image: app\n    ports: ["80"]\n    environment: { A: 1 }\n    tmpfs: [/a]\n',
      'compose.override.yaml':
        'services:\n  app:\n    ports: !override ["90"]\n    environment: !reset null\n    tmpfs: !reset []\n',
    },
    steps: { app: { kind: 'service', image: 'app', ports: [90], ready: { tcp: 90, timeout: '5m' } } },
  },
  {
    name: 'extends within a file and from another one',
    files: {
      'compose.yaml': `services:
  base: { image: app, environment: { A: 1, B: 1 }, command: run }
  app:
    extends: base
    environment: { B: 2 }
  far:
    extends: { file: sub/common.yaml, service: far }
    user: root
`,
      'sub/common.yaml':
        'services:\n  far:\n    image: far\n    volumes: ["./conf:/conf:ro"]\n    env_file: [far.env]\n',
      'sub/far.env': 'FAR=1\n',
    },
    steps: {
      base: { kind: 'service', image: 'app', env: { A: '1', B: '1' }, args: ['run'] },
      app: { kind: 'service', image: 'app', env: { A: '1', B: '2' }, args: ['run'] },
      far: { kind: 'service', image: 'far', env: { FAR: '1' }, user: 'root', files: { '/conf': 'sub/conf' } },
    },
  },
  {
    name: 'services extend each other',
    files: 'services:\n  a: { image: x, extends: b }\n  b: { image: x, extends: a }\n',
    problems: ['compose.yaml:2:18 expected services that do not extend each other, found a cycle'],
  },
  {
    name: 'a service extends one that is not there',
    files: 'services:\n  a:\n    extends: nope\n',
    problems: ['compose.yaml:3:5 services.a.extends: expected a service of compose.yaml, found "nope"'],
  },
  {
    name: 'a file includes another one with variables of its own',
    files: {
      'compose.yaml': 'include:\n  - db/compose.yaml\nservices:\n  app: { image: app, depends_on: [db] }\n',
      'db/compose.yaml':
        'services:\n  db:\n    image: "db:${TAG}"\n    volumes: ["./init.sql:/init.sql:ro", "data:/data"]\nvolumes: { data: {} }\n',
      'db/.env': 'TAG=16\n',
    },
    steps: {
      app: { kind: 'service', image: 'app', after: ['db'] },
      db: {
        kind: 'service',
        image: 'db:16',
        files: { '/init.sql': 'db/init.sql' },
        volumes: { '/data': 'data' },
      },
    },
  },
  {
    name: 'files include each other',
    files: {
      'compose.yaml': 'include: [a.yaml]\nservices: { x: { image: x } }\n',
      'a.yaml': 'include: [compose.yaml]\nservices: { y: { image: y } }\n',
    },
    problems: ['a.yaml:1:11 include: expected files that do not include each other, found a cycle'],
  },
  {
    name: 'a key is misspelt',
    files: 'services:\n  app:\n    image: app\n    comand: x\n',
    problems: ['compose.yaml:4:5 services.app: unknown key "comand"'],
  },
  {
    name: 'a duplicate key',
    files: 'services:\n  app:\n    image: a\n    image: b\n',
    problems: ['compose.yaml:4:5 not valid YAML: Map keys must be unique'],
  },
  {
    name: 'values become numbers and booleans after their variables',
    files: {
      'compose.yaml': `services:
  app:
    image: app
    init: "\${INIT}"
    read_only: "no"
    pids_limit: "\${PIDS}"
    cpus: "1.5"
    healthcheck: { test: "true", retries: "2" }
`,
      '.env': 'INIT=off\nPIDS=99\n',
    },
    steps: {
      app: {
        kind: 'service',
        image: 'app',
        init: false,
        resources: { cpu: 1.5, pids: 99 },
        healthcheck: { test: 'true', interval: '30s', timeout: '30s', retries: 2 },
        ready: { healthcheck: true, timeout: '120s' },
      },
    },
  },
];
