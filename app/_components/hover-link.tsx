'use client';

import NextLink from 'next/link';
import { type ComponentProps, useState } from 'react';

/**
 * A link whose page is fetched when it is pointed at or reached by keyboard, and not when it comes into sight: a list
 * of fifty would take the few connections that a browser has to one server.
 */
export function Link(props: ComponentProps<typeof NextLink>) {
  const [isNear, setIsNear] = useState(false);
  return (
    <NextLink
      {...props}
      prefetch={isNear ? null : false}
      onMouseEnter={(event) => {
        setIsNear(true);
        props.onMouseEnter?.(event);
      }}
      onFocus={(event) => {
        setIsNear(true);
        props.onFocus?.(event);
      }}
    />
  );
}
