'use client';

import { useEffect, useRef, useState } from 'react';
import { lazyDialog } from './lazy-part';
import { reauthenticateWith } from './reauthenticate';

const ReauthenticationDialog = lazyDialog<{ onProven: () => void; onClose: () => void }>(() =>
  import('./reauthentication-question').then((part) => part.ReauthenticationQuestion),
);

/** Asks people again who they are when something that they do needs it. What they did goes on afterwards. */
export function Reauthentication() {
  const [isAsking, setIsAsking] = useState(false);
  const answer = useRef<((isProven: boolean) => void) | null>(null);
  useEffect(() => {
    const end = reauthenticateWith(() => {
      setIsAsking(true);
      return new Promise((resolve) => {
        answer.current = resolve;
      });
    });
    return () => {
      end();
      answer.current?.(false);
    };
  }, []);
  if (!isAsking) return null;
  const close = (isProven: boolean) => {
    setIsAsking(false);
    answer.current?.(isProven);
    answer.current = null;
  };
  return <ReauthenticationDialog onProven={() => close(true)} onClose={() => close(false)} />;
}
