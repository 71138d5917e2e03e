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
    're2js',
    'ssh2',
    'tsx',
    'yaml',
  ],
  // `npm run check` does it, for the tests too.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  experimental: { turbopackFileSystemCacheForBuild: false },
};

export default config;
