'use client';

import { useEffect } from 'react';
import { stateWord } from '@/app/_components/state-glyph';
import type { Execution } from '@/lib/model/execution';

const colors: Partial<Record<Execution['status'], string>> = {
  running: '#2f7fd6',
  passed: '#2f9e5b',
  failed: '#d2453e',
  errored: '#b04bb5',
  timed_out: '#c07a1d',
};

/** The browser's tab shows the state: in words, and as the colour of the icon. */
export function useTabTitle({ status, suite }: Execution): void {
  useEffect(() => {
    document.title = `${stateWord(status)}: ${suite.title} · Gantry`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel~="icon"]');
    if (!icon) return;
    const before = icon.href;
    const color = colors[status] ?? '#7b8494';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${color}"/></svg>`;
    icon.href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    return () => {
      icon.href = before;
    };
  }, [status, suite.title]);
}
