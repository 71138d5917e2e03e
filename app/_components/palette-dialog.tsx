'use client';

import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { ExecutionSummary } from '@/lib/model/execution';
import type { LaunchSuite } from '@/lib/model/launch';
import type { SuiteSummary } from '@/lib/model/suite-details';
import { apiFetch } from './api';
import { type Command, findCommands } from './commands';
import type { Held } from './held-keys';
import { navItems } from './nav-items';

interface PaletteProps {
  onClose: () => void;
  /** What was typed before it was there. */
  typed: Held;
}

/** Pages, suites and the newest executions by name. */
export function PaletteDialog(props: PaletteProps) {
  return (
    <Dialog.Root open onOpenChange={(isOpen) => (isOpen ? undefined : props.onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-24 left-1/2 z-50 w-140 max-w-[92vw] -translate-x-1/2 rounded-md border border-line bg-raised shadow-float"
        >
          <Dialog.Title className="sr-only">Go to</Dialog.Title>
          <Palette {...props} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Palette({ onClose, typed: start }: PaletteProps) {
  const router = useRouter();
  const [typed, setTyped] = useState(start.text);
  const [at, setAt] = useState(0);
  /** Enter was pressed before the palette was there: it goes as soon as all places are known. */
  const isEntered = useRef(start.isEntered);
  const { commands, isComplete } = useCommands();
  const found = findCommands(commands, typed);
  const current = Math.min(at, Math.max(0, found.length - 1));
  const go = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    router.push(command.href);
  };
  useEffect(() => {
    if (!isEntered.current || !isComplete) return;
    isEntered.current = false;
    go(found[current]);
  });
  const press = (event: KeyboardEvent) => {
    isEntered.current = false;
    if (event.key === 'Enter') return go(found[current]);
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0 || found.length === 0) return;
    event.preventDefault();
    setAt((current + by + found.length) % found.length);
  };
  return (
    <>
      <input
        role="combobox"
        aria-label="Go to"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={found.length > 0 ? `command-${current}` : undefined}
        placeholder="A page, a suite, an execution"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={press}
        className="h-10 w-full border-line border-b bg-transparent px-4 outline-none"
      />
      <div id="commands" role="listbox" aria-label="Places" className="max-h-80 overflow-y-auto p-1">
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          <div
            key={command.href}
            id={`command-${index}`}
            role="option"
            aria-selected={index === current}
            tabIndex={-1}
            onClick={() => go(command)}
            onMouseMove={() => setAt(index)}
            className={`flex cursor-pointer gap-3 rounded-sm px-3 py-1.5 ${index === current ? 'bg-sunken' : ''}`}
          >
            <span className="min-w-0 truncate">{command.title}</span>
            <span className="ml-auto whitespace-nowrap text-ink-2">{command.kind}</span>
          </div>
        ))}
        {found.length === 0 ? <p className="px-3 py-1.5 text-ink-2">Nothing is called that.</p> : null}
      </div>
    </>
  );
}

function useCommands(): { commands: Command[]; isComplete: boolean } {
  const suites = useQuery({
    queryKey: ['suites'],
    queryFn: () => apiFetch<{ items: SuiteSummary[] }>('/api/v1/suites'),
  });
  const launchable = useQuery({
    queryKey: ['launch-suites'],
    queryFn: () => apiFetch<LaunchSuite[]>('/api/v1/executions/launch-suites'),
  });
  const executions = useQuery({
    queryKey: ['executions', 'newest'],
    queryFn: () => apiFetch<{ items: ExecutionSummary[] }>('/api/v1/executions?limit=20'),
  });
  const commands = [
    ...navItems.map(({ label, href }): Command => ({ title: label, kind: 'page', href })),
    ...(suites.data?.items ?? []).flatMap(({ id, title }): Command[] => [
      { title, kind: 'suite', href: `/suites/${encodeURIComponent(id)}` },
      ...(launchable.data?.some((each) => each.id === id)
        ? [{ title: `Launch ${title}`, kind: 'launch', href: `/launch?suite=${encodeURIComponent(id)}` }]
        : []),
    ]),
    ...(executions.data?.items ?? []).map(
      ({ id, suite, status }): Command => ({
        title: `${suite.title} ${id.slice(0, 8)}`,
        kind: status.replace('_', ' '),
        href: `/executions/${id}`,
      }),
    ),
  ];
  return { commands, isComplete: ![suites, launchable, executions].some(({ isPending }) => isPending) };
}
