'use client';

import { useEffect } from 'react';
import { stateWord } from '@/app/_components/status-icon';
import type { Execution } from '@/lib/model/execution';

const colors: Partial<Record<Execution['status'], string>> = {
  running: '#2f7fd6',
  passed: '#2f9e5b',
  failed: '#d2453e',
  errored: '#b04bb5',
  timed_out: '#c07a1d',
};

/**
 * The browser's tab shows the state: in words, and as the colour of the icon. The page's own metadata come after the
 * first drawing and would take its place, so the head is watched as long as the page is open.
 */
export function useTabTitle({ status, suite }: Execution): void {
  useEffect(() => {
    const title = `${stateWord(status)}: ${suite.title} · Gantry`;
    const color = colors[status] ?? '#7b8494';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${color}"/></svg>`;
    const href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    const before = new Map<HTMLLinkElement, string>();
    const show = () => {
      if (document.title !== title) document.title = title;
      for (const icon of document.querySelectorAll<HTMLLinkElement>('link[rel~="icon"]')) {
        if (icon.href === href) continue;
        if (!before.has(icon)) before.set(icon, icon.href);
        icon.href = href;
      }
    };
    show();
    const observer = new MutationObserver(show);
    observer.observe(document.head, {
      childList: true,
      subtree: true,
      characterData: true,
      attributes: true,
    });
    return () => {
      observer.disconnect();
      for (const [icon, old] of before) icon.href = old;
    };
  }, [status, suite.title]);
}
