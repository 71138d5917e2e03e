import type { ReactNode } from 'react';
import { Breadcrumb } from '@/app/_components/breadcrumb';
import { CommandPalette } from '@/app/_components/command-palette';
import { ConnectionState } from '@/app/_components/connection';
import { Logo } from '@/app/_components/logo';
import { navIcons } from '@/app/_components/nav-icons';
import { OfflineBanner } from '@/app/_components/offline-banner';
import { Reauthentication } from '@/app/_components/reauthentication';
import { Shortcuts } from '@/app/_components/shortcuts';
import { Sidebar } from '@/app/_components/sidebar';
import { requirePerson } from '@/app/page-data';
import { Providers } from '@/app/providers';

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const person = await requirePerson();
  return (
    <Providers>
      <a
        href="#main"
        className="sr-only z-50 bg-raised p-2 focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <div className="flex h-dvh flex-col md:flex-row">
        <Sidebar mark={<Logo />} icons={navIcons} />
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <div className="flex h-10 shrink-0 items-center gap-4 border-line border-b bg-surface px-4">
            <Breadcrumb />
            <div className="ml-auto flex items-center gap-4">
              <ConnectionState />
              <CommandPalette />
              <Shortcuts />
              <span className="hidden text-ink-2 text-xs sm:inline" title={`Role: ${person.role}`}>
                {person.name}
              </span>
            </div>
          </div>
          <OfflineBanner />
          <main id="main" tabIndex={-1} className="relative min-h-0 flex-1 overflow-auto outline-none">
            {children}
          </main>
        </div>
      </div>
      <Reauthentication />
    </Providers>
  );
}
