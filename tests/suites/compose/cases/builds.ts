import type { ComposeCase } from './compose-case';

const of = (build: string, more = '') => `services:\n  app:\n    build: ${build}\n${more}`;
const app = (build: Record<string, unknown>) => ({ app: { kind: 'service', build } });

/** The key `build` of a service. */
export const buildCases: ComposeCase[] = [
  {
    name: 'a build of the folder',
    files: of('.'),
    steps: app({ context: '.', dockerfile: 'Dockerfile' }),
  },
  {
    name: 'a build with all that counts',
    files: of(
      '{ context: ./app, dockerfile: docker/Test.Dockerfile, target: run, args: { A: 1, B: x=y }, labels: { a: b }, cache_from: [app:main] }',
    ),
    steps: app({
      context: 'app',
      dockerfile: 'docker/Test.Dockerfile',
      target: 'run',
      args: { A: '1', B: 'x=y' },
    }),
    notices: [],
  },
  {
    name: 'a Dockerfile outside of the context',
    files: of('{ context: app, dockerfile: ../Dockerfile, args: ["V=2", "NOT_SET"] }'),
    steps: app({ context: 'app', dockerfile: '../Dockerfile', args: { V: '2' } }),
  },
  {
    name: 'a Dockerfile as a text',
    files: of('{ context: ., dockerfile_inline: "FROM app" }'),
    steps: app({ context: '.', dockerfile_inline: 'FROM app' }),
  },
  {
    name: 'an image that one service builds and another one uses',
    files: of('app', '    image: shop/app\n  worker:\n    image: shop/app\n    pull_policy: build\n'),
    steps: {
      app: { kind: 'service', build: { context: 'app', dockerfile: 'Dockerfile' } },
      worker: { kind: 'service', build: { context: 'app', dockerfile: 'Dockerfile' } },
    },
  },
  {
    name: 'a build that looks for newer base images',
    files: of('{ context: ., pull: true, no_cache: true }'),
    steps: {
      app: { kind: 'service', build: { context: '.', dockerfile: 'Dockerfile' }, pull: 'always' },
    },
    notices: [
      "compose.yaml:3:5 services.app.build.no_cache: what has not changed is taken from the engine's cache",
    ],
  },
  {
    name: 'a context outside of the folder',
    files: of('../elsewhere'),
    problems: [
      'compose.yaml:3:5 services.app.build.context: expected a folder of the suite, found "../elsewhere"; move it into',
    ],
  },
  {
    name: 'a context behind a URL',
    files: of('https://git.example/shop/app.git'),
    problems: [
      'compose.yaml:3:5 services.app.build.context: expected a folder of the suite, found "https://git.example/shop/app.git"',
    ],
  },
  {
    name: 'keys of a build that do not count',
    files: of('{ context: ., ssh: [default], additional_contexts: { lib: ./lib }, network: host }'),
    problems: [
      'compose.yaml:3:5 services.app.build.ssh: not supported; fetch what it needs',
      'compose.yaml:3:5 services.app.build.additional_contexts: not supported; copy what it needs',
      'compose.yaml:3:5 services.app.build.network: not supported; leave it out',
    ],
  },
];
