import type { NextConfig } from 'next';

const config: NextConfig = {
  serverExternalPackages: [
    '@kubernetes/client-node',
    'cpu-features',
    'dockerode',
    'drizzle-orm',
    'ioredis',
    'pino',
    'postgres',
    'prom-client',
    're2js',
    'ssh2',
    'tsx',
    'yaml',
  ],
  // `npm run check` does it, for the tests too.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  // No other site may put Gantry into a frame, or learn from where someone came.
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'content-security-policy', value: "frame-ancestors 'none'" },
        { key: 'x-content-type-options', value: 'nosniff' },
        { key: 'referrer-policy', value: 'same-origin' },
      ],
    },
  ],
  experimental: { turbopackFileSystemCacheForBuild: false },
};

export default config;
