'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { isHere, places } from './places';

/** Where I am: the place, and what in it. */
export function Where() {
  const pathname = usePathname();
  const place = places.find(({ href }) => isHere(href, pathname));
  const rest = place && place.href !== '/' ? pathname.slice(place.href.length + 1) : '';
  return (
    <nav aria-label="Where I am" className="flex min-w-0 items-center gap-2">
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
