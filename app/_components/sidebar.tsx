'use client';

import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { Link } from '@/app/_components/hover-link';
import { isCurrentPath, type NavPath, navItems } from './nav-items';

/** Left: icons with labels where there is room, icons alone below; on a phone a bar at the bottom, which names the current one. */
export function Sidebar({ mark, icons }: { mark: ReactNode; icons: Record<NavPath, ReactNode> }) {
  const pathname = usePathname();
  return (
    <nav
      aria-label="Main"
      className="order-last flex shrink-0 border-line border-t bg-surface md:order-first md:w-13 md:flex-col md:border-t-0 md:border-r rail:w-44"
    >
      <Link href="/" className="hidden h-10 items-center gap-2 px-4 md:flex" aria-label="Gantry, overview">
        {mark}
        <span className="hidden font-[650] text-base rail:inline">Gantry</span>
      </Link>
      <ul className="flex flex-1 justify-around overflow-x-auto md:overflow-x-visible md:flex-col md:justify-start md:gap-1 md:p-2">
        {navItems.map(({ href, label }) => {
          const isCurrent = isCurrentPath(href, pathname);
          return (
            <li key={href}>
              <Link
                href={href}
                title={label}
                aria-current={isCurrent ? 'page' : undefined}
                className={`flex h-12 flex-col items-center justify-center gap-0.5 rounded-md px-2 text-2xs sm:px-3 sm:text-xs md:h-8 md:flex-row md:justify-start md:gap-3 md:px-2.5 md:text-sm ${isCurrent ? 'bg-sunken font-[550] text-ink' : 'text-ink-2 hover:bg-sunken hover:text-ink'}`}
              >
                {icons[href]}
                <span className={`md:sr-only rail:not-sr-only ${isCurrent ? '' : 'max-sm:sr-only'}`}>
                  {label}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
