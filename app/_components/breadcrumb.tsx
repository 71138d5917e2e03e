'use client';

import { usePathname } from 'next/navigation';
import { Link } from '@/app/_components/hover-link';
import { isCurrentPath, navItems } from './nav-items';

/** Breadcrumb: the place, and what in it. */
export function Breadcrumb() {
  const pathname = usePathname();
  const place = navItems.find(({ href }) => isCurrentPath(href, pathname));
  const rest = place && place.href !== '/' ? pathname.slice(place.href.length + 1) : '';
  return (
    <nav aria-label="Breadcrumb" className="flex min-w-0 items-center gap-2">
      {rest && place ? (
        <>
          <Link href={place.href} className="text-ink-2 hover:text-ink">
            {place.label}
          </Link>
          <span className="text-ink-3">/</span>
          <span className="truncate font-mono text-code text-ink-2">{rest}</span>
        </>
      ) : (
        <span className="font-[550]">{place?.label}</span>
      )}
    </nav>
  );
}
