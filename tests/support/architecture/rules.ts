import type { Rules } from './check';
import { longFunctions } from './long-functions';
import { privateWords } from './private-words';

const model = 'lib/model/**';
const clock = 'lib/clock.ts';
const threads = 'lib/threads/**';
const store =
  'lib/store/{store,agent-store,artifact-store,case-store,fence,log-store,notifier,environment-store,profile-store,token-store,user-store,grant-store,schedule-store,webhook-store,trigger-store}.ts';
const backend = 'lib/backends/backend.ts';
/** The contract: where values come from is the server's choice. */
const secrets = 'lib/secrets/secrets.ts';
const outgoing = 'lib/outgoing/client.ts';
/** What backends share, and what the engine uses of them: never an adapter, never the registry. */
const backendRoom = 'lib/backends/!(registry).ts';

/** Who may import whom, how long a file may be, and which names it may have: the house's rules. */
export const rules: Rules = {
  rooms: [
    // Pure, and safe in the browser.
    { files: model, imports: [], packages: ['zod'] },
    { files: clock, imports: [], packages: [] },
    { files: 'lib/streams/**', imports: [model, clock], packages: [] },
    // It plans what the schemas of the suite's files describe.
    {
      files: 'lib/planning/**',
      imports: [
        'lib/suites/suite.ts',
        'lib/suites/file/{nearest.ts,schema/**}',
        'lib/suites/templates/**',
        model,
        clock,
      ],
      packages: ['fastest-levenshtein'],
    },
    { files: 'lib/threads/*.ts', imports: [model, clock], packages: ['node:'] },
    { files: 'lib/threads/*.mjs', imports: [threads], packages: ['node:', 'tsx', 'esbuild'] },
    {
      files: 'lib/suites/**',
      imports: [threads, model, clock],
      packages: ['node:', 'zod', 'yaml', 'js-yaml', 'fastest-levenshtein', 'tar-stream', 're2js', 'croner'],
    },
    {
      files: 'lib/store/store.ts',
      imports: [
        'lib/store/{fence,log-store,notifier,{agent,artifact,audit,case,environment,profile,token,user,grant,schedule,webhook,trigger}-store}.ts',
        model,
      ],
      packages: [],
    },
    {
      files:
        '{lib/store/{fence,log-store,notifier,{agent,artifact,audit,environment,profile,token,user,grant,schedule,webhook,trigger}-store}.ts,lib/backends/backend.ts}',
      imports: [model],
      packages: [],
    },
    { files: 'lib/store/log-pattern/**', imports: [model], packages: ['re2js'] },
    {
      files: 'lib/store/postgres/**',
      imports: [
        'lib/store/*.ts',
        'lib/store/log-pattern/**',
        'lib/streams/**',
        ...[threads, model, clock, 'drizzle/{schema,tokens,people}.ts'],
      ],
      packages: ['node:', 'drizzle-orm', 'postgres', 'nanoid', 'zod'],
    },
    { files: 'lib/store/redis/**', imports: [store, model, clock], packages: ['ioredis'] },
    { files: 'lib/store/*.ts', imports: [store, model, clock], packages: [] },
    // It keeps the backends that the stored settings name; the adapters themselves are given to it.
    { files: 'lib/backends/registry.ts', imports: [backend, store, model, clock], packages: [] },
    {
      files: 'lib/backends/*.ts',
      imports: [backend, model, clock],
      packages: ['node:', 're2js', 'tar-stream', 'fastest-levenshtein'],
    },
    // The first process of a step's container.
    { files: 'lib/backends/step-init/**', imports: [], packages: ['node:', 'tar-stream'] },
    {
      files: 'lib/backends/docker/**',
      imports: [backendRoom, 'lib/backends/step-init/**', model, clock],
      packages: [
        ...['node:', 'dockerode', 'tar-stream', 'nanoid', 'zod'],
        ...['@balena/dockerignore', 'protobufjs'],
      ],
    },
    {
      files: 'lib/backends/process/**',
      imports: [backendRoom, model, clock],
      packages: ['node:', 'tar-stream', 'nanoid', 'zod'],
    },
    {
      files: 'lib/backends/kubernetes/**',
      imports: [backendRoom, 'lib/backends/step-init/**', 'lib/outgoing/address-policy.ts', model, clock],
      packages: ['node:', '@kubernetes/client-node', 'tar-stream', 'zod'],
    },
    { files: 'lib/backends/fake/**', imports: [backendRoom, model, clock], packages: [] },
    {
      files: 'lib/backends/remote/**',
      imports: [backendRoom, store, model, clock],
      packages: ['node:', 'zod'],
    },
    {
      files: 'lib/dependencies/**',
      imports: ['lib/suites/**', 'lib/planning/**', outgoing, model, clock],
      packages: ['node:', 'yaml', 'tar-stream', 'zod'],
    },
    // Calls to servers that others have named: the only way out beside the backends' own clients and Git.
    {
      files: 'lib/outgoing/**',
      imports: [model, clock],
      packages: ['node:', 'agent-base', 'http-proxy-agent', 'https-proxy-agent'],
    },
    { files: 'lib/registries/**', imports: [outgoing], packages: ['node:', 'zod'] },
    { files: 'lib/secrets/**', imports: [outgoing, model, clock], packages: ['node:', 'zod'] },
    {
      files: 'lib/engine/**',
      imports: [
        backendRoom,
        store,
        secrets,
        'lib/planning/**',
        'lib/suites/**',
        'lib/dependencies/**',
        threads,
        model,
        clock,
      ],
      packages: ['node:', 'croner', 'nanoid', 'saxes', 'tap-parser', 'zod'],
    },
    // Makes one file of the worker.
    { files: 'lib/agent/bundle.mjs', imports: [], packages: ['node:', 'esbuild'] },
    // Plain JavaScript that starts the rest.
    { files: 'lib/agent/*.mjs', imports: ['lib/agent/main.ts'], packages: ['tsx'] },
    {
      files: 'lib/agent/**',
      imports: [
        'lib/backends/!(registry).ts',
        'lib/backends/{docker,kubernetes,process}/**',
        'lib/registries/**',
        model,
        clock,
      ],
      packages: ['node:', 'zod'],
    },
    // A route asks who calls before it does anything, and sends what the streams yield.
    {
      files: 'lib/http/**',
      imports: [
        'lib/store/stream-sources.ts',
        'lib/store/log-pattern/**',
        'lib/identity/**',
        'lib/streams/**',
        store,
        secrets,
        model,
        clock,
      ],
      packages: ['node:', 'zod', 'zod-openapi'],
    },
    {
      files: 'lib/identity/**',
      imports: [store, outgoing, model, clock],
      packages: [
        'node:',
        'zod',
        'next-auth',
        '@node-rs/argon2',
        'rate-limiter-flexible',
        'fxa-common-password-list',
      ],
    },
    {
      files: 'lib/{webhooks,triggers}/**',
      imports: [store, secrets, outgoing, model, clock],
      packages: ['node:', 'nanoid', 'standardwebhooks'],
    },
    {
      files: 'lib/telemetry/**',
      imports: [store, model, clock],
      packages: [
        ...['node:', 'pino', 'prom-client', '@opentelemetry/api', '@opentelemetry/exporter-trace-otlp-proto'],
        ...['@opentelemetry/resources', '@opentelemetry/sdk-trace', '@opentelemetry/sdk-metrics'],
        ...['@opentelemetry/otlp-exporter-base', '@opentelemetry/otlp-transformer'],
      ],
    },
    { files: 'lib/settings.ts', imports: [model], packages: ['node:', 'zod'] },
    { files: 'lib/own-files.ts', imports: [], packages: ['node:'] },
    { files: 'lib/config.ts', imports: ['lib/settings.ts', 'lib/own-files.ts', model], packages: ['node:'] },
    // Writes what the documentation lists from the schemas of settings, routes and suites.
    {
      files: 'lib/reference/**',
      imports: ['lib/settings.ts', 'lib/http/operations/**', 'lib/suites/publish/**'],
      packages: ['node:'],
    },
    // What its calls take and answer are the types of the operations; nothing of the server is loaded.
    {
      files: 'lib/client/**',
      imports: ['lib/http/operations/**', clock],
      packages: ['zod', 'eventsource-parser'],
    },
    // Plain JavaScript that runs before anything is installed or compiled, and starts the rest.
    { files: 'lib/cli/*.mjs', imports: ['lib/cli/**'], packages: ['node:', 'next', 'tsx', 'esbuild'] },
    // A client of the API like any other: it never touches store, engine or backends. The toolbox image is the
    // one thing it makes itself, on the Docker of the machine it runs on. A suite's files it reads as the server does.
    {
      files: 'lib/cli/**',
      imports: [
        'lib/client/**',
        'lib/suites/**',
        'lib/planning/**',
        'lib/dependencies/**',
        'lib/registries/**',
        outgoing,
        model,
        clock,
        'lib/config.ts',
      ],
      packages: [
        ...['node:', 'commander', 'log-update', 'dockerode', 'tar-stream', 'zod'],
        '@modelcontextprotocol/sdk',
      ],
    },
    // They put a control plane together.
    {
      files: 'lib/{boot,server,server-ports,server-backends,server-loops}.ts',
      imports: ['lib/**'],
      packages: ['node:'],
    },
    {
      files: 'instrumentation.ts',
      imports: ['lib/boot.ts', 'app/api/direct-routes.ts'],
      packages: [],
    },
    // The columns of the tables hold what the model and the store's contract describe.
    { files: 'drizzle/**', imports: ['drizzle/**', model, store], packages: ['drizzle-orm', 'drizzle-kit'] },
    // Where Next calls this, no other module of Gantry need be there.
    { files: 'proxy.ts', imports: [], packages: ['next'] },
    { files: 'app/**', inBrowser: true, imports: [model, 'app/globals.css'], packages: ['*'] },
    {
      files: 'app/**/route.ts',
      imports: ['app/**', 'lib/server.ts', 'lib/http/**', 'lib/identity/**', model],
      packages: ['*'],
    },
    // What a page may know: each of its readers asks first who is signed in.
    {
      files: 'app/page-data.ts',
      imports: [
        'app/**',
        'lib/server.ts',
        'lib/identity/{authenticate,session-cookie,suite-access}.ts',
        'lib/http/{case-details,visible}.ts',
        model,
      ],
      packages: ['next', 'react'],
    },
    { files: 'app/**', imports: ['app/**', model], packages: ['*'] },
  ],
  checked: ['lib/**', 'app/**', 'drizzle/**', 'instrumentation.ts', 'proxy.ts'],
  // A layout is not rendered again when a browser goes from page to page: each page is its own lock.
  mustImport: [{ files: 'app/(console)/**/{page,layout}.tsx', what: 'app/page-data.ts' }],
  mayUse: [
    { files: 'lib/config.ts', what: ['process.env'] },
    { files: 'lib/{cli,agent}/main.ts', what: ['process.env'] },
    // The launchers hand the environment on to what they start, before the settings can be read.
    { files: 'lib/cli/*.mjs', what: ['process.env', 'setTimeout', 'new Date()'] },
    // Next replaces NEXT_RUNTIME and NODE_ENV when it builds.
    { files: '{instrumentation,proxy}.ts', what: ['process.env'] },
    { files: clock, what: ['new Date()', 'setTimeout'] },
    // What people see may count seconds; `lib` waits and reads the time through a Clock.
    { files: 'app/**', what: ['Date.now', 'new Date()', 'setTimeout', 'setInterval'] },
  ],
  longest: [
    { files: 'tests/**/*.{ts,tsx,mjs}', lines: 400 },
    { files: '{lib,app,drizzle}/**/*.{ts,tsx,mjs,css}', lines: 300 },
    { files: '*.{ts,mjs}', lines: 300 },
  ],
  longestFunction: { files: '{lib,app}/**', lines: 100, exceptions: longFunctions },
  forbiddenNames: ['utils', 'helpers', 'common', 'manager'],
  privateWords,
  mayReExport: ['app/**/{route,page}.{ts,tsx}'],
};
