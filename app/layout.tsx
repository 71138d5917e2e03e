import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import './globals.css';
import { ReloadDroppedAssets } from './reload-dropped-assets';

export const metadata: Metadata = {
  title: { default: 'Gantry', template: '%s · Gantry' },
  description: 'Integration test suites made of containers: launch them, watch them live.',
  icons: { icon: '/mark.svg' },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  return (
    <html lang="en">
      <head>
        <ReloadDroppedAssets nonce={nonce} />
      </head>
      <body>{children}</body>
    </html>
  );
}
