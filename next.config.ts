import type { NextConfig } from 'next';
import { pathAliases } from './lib/http/path-aliases';

/** The packages that the reading thread loads from `node_modules` itself: see `lib/threads/entry.mjs`. */
const threadPackages = [
  '@esbuild',
  'argparse',
  'b4a',
  'croner',
  'esbuild',
  'events-universal',
  'fast-fifo',
  'fastest-levenshtein',
  'js-yaml',
  're2js',
  'saxes',
  'streamx',
  'tap-parser',
  'tar-stream',
  'text-decoder',
  'tsx',
  'xmlchars',
  'yaml',
  'zod',
];

const config: NextConfig = {
  // A folder that runs elsewhere without this one: see the README.
  output: process.env.GANTRY_STANDALONE === '1' ? 'standalone' : undefined,
  outputFileTracingIncludes: {
    '/*': [
      './drizzle/migrations/**',
      './lib/**',
      './build/threads/**',
      './suites/**',
      ...threadPackages.map((name) => `./node_modules/${name}/**`),
    ],
  },
  serverExternalPackages: [
    '@kubernetes/client-node',
    '@opentelemetry/api',
    '@opentelemetry/exporter-trace-otlp-proto',
    '@opentelemetry/otlp-exporter-base',
    '@opentelemetry/otlp-transformer',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-metrics',
    'cpu-features',
    'dockerode',
    'drizzle-orm',
    'fxa-common-password-list',
    'ioredis',
    'next-auth',
    'pino',
    'postgres',
    'prom-client',
    'rate-limiter-flexible',
    're2js',
    'ssh2',
    'tsx',
    'yaml',
  ],
  // `npm run check` does it, for the tests too.
  typescript: { ignoreBuildErrors: true },
  // Titles come with the head of a page, never after it: also for a page that asks the database first.
  htmlLimitedBots: /.*/,
  poweredByHeader: false,
  reactStrictMode: true,
  // No other site may put Gantry into a frame, or learn from where someone came.
  headers: async () => [
    {
      // Files that a suite has written have a stricter policy of their own, which this would take the place of.
      source: '/((?!api/v1/executions/[^/]+/(?:artifacts/|junit)).*)',
      headers: [
        { key: 'content-security-policy', value: "frame-ancestors 'none'" },
        { key: 'x-content-type-options', value: 'nosniff' },
        { key: 'referrer-policy', value: 'same-origin' },
      ],
    },
  ],
  rewrites: async () =>
    pathAliases.flatMap(({ source, destination }) => [
      { source, destination },
      { source: `${source}/:path*`, destination: `${destination}/:path*` },
    ]),
  experimental: {
    turbopackFileSystemCacheForBuild: false,
    // While the server refuses connections, what was clicked waits for it in the page, and not in an error page of the browser.
    useOffline: true,
  },
};

export default config;
