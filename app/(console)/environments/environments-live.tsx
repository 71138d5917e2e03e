'use client';

import { useState } from 'react';
import { Button } from '@/app/_components/button';
import { useReportConnection } from '@/app/_components/connection';
import { lazyDialog } from '@/app/_components/lazy-part';
import { Empty, ErrorNotice } from '@/app/_components/notice';
import { count } from '@/app/_components/quantities';
import { useStream } from '@/app/_components/streams/use-stream';
import { When } from '@/app/_components/time';
import type { Inventory, InventoryMessage } from '@/lib/model/environment';
import { isRunning } from '@/lib/model/running-resource';
import type { Person } from './environment-row';
import { EnvironmentTable } from './environment-table';
import { Filters } from './filters';
import { applyMessage, startState } from './live-state';
import type { PendingReap, ReapDialogProps } from './reap-dialog';
import { chooseEnvironments, countStates, useView } from './use-view';

const ReapDialog = lazyDialog<ReapDialogProps>(() => import('./reap-dialog').then((part) => part.ReapDialog));

/** Everything that executions own on the backends, live: holds the stream; everything below are views of it. */
export function EnvironmentsLive({ start, person }: { start: Inventory; person: Person }) {
  const [state, setState] = useState(() => startState(start));
  const [pending, setPending] = useState<PendingReap | null>(null);
  const { view, change } = useView();
  const connection = useStream<InventoryMessage>({
    path: '/api/v1/sandboxes/events',
    after: 0,
    onItems: (messages) => setState((now) => messages.reduce(applyMessage, now)),
  });
  useReportConnection(connection);

  const { environments, backends } = state.inventory;
  const counts = countStates(environments);
  const shown = chooseEnvironments(state, view);
  const away = backends.filter((each) => !each.isReachable);

  return (
    <div className="flex flex-col gap-4 p-4">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="page-title">Environments</h1>
        <p className="text-ink-2" role="status">
          {summary(environments.length, counts.zombie ?? 0, state)}
        </p>
        <div className="ml-auto flex gap-2">
          {person.role === 'admin' && environments.length > 0 ? (
            <Button variant="quiet" onClick={() => setPending({ scope: 'all' })}>
              Reap everything…
            </Button>
          ) : null}
          <Button
            variant="danger"
            disabled={!counts.zombie || person.role === 'viewer'}
            title={person.role === 'viewer' ? 'This needs the role member.' : undefined}
            onClick={() => setPending({ scope: 'zombies' })}
          >
            Reap zombies{counts.zombie ? ` (${counts.zombie})` : ''}…
          </Button>
        </div>
      </header>
      {away.map((backend) => (
        <ErrorNotice key={backend.id} title={`${backend.label} does not answer`}>
          {backend.reason}{' '}
          {backend.seenAt ? (
            <>
              What was there <When at={backend.seenAt} /> is shown. Retrying every few seconds…
            </>
          ) : (
            'Retrying every few seconds…'
          )}
        </ErrorNotice>
      ))}
      {environments.length > 0 ? <Filters view={view} change={change} counts={counts} /> : null}
      {environments.length === 0 ? (
        <div className="panel">
          <Empty title="Nothing runs, and nothing is left behind">
            <p>
              What an execution makes on its backend is listed here until it is removed. Try{' '}
              <code>npm run gantry -- run storefront</code>
            </p>
          </Empty>
        </div>
      ) : shown.length === 0 ? (
        <div className="panel">
          <Empty title="No environment is like that">
            <Button onClick={() => change({ q: '', state: 'all' })}>Show all</Button>
          </Empty>
        </div>
      ) : (
        <EnvironmentTable
          environments={shown}
          state={state}
          view={view}
          change={change}
          person={person}
          onReap={(environment) => setPending({ scope: 'one', environment })}
        />
      )}
      {pending ? (
        <ReapDialog pending={pending} environments={environments} onClose={() => setPending(null)} />
      ) : null}
    </div>
  );
}

function summary(all: number, zombies: number, { inventory }: { inventory: Inventory }): string {
  const containers = inventory.environments
    .flatMap((each) => each.resources)
    .filter(
      (each) =>
        (each.kind === 'container' || each.kind === 'pod' || each.kind === 'process') && isRunning(each),
    );
  return `${count(all, 'environment')}, ${containers.length} running in them, ${count(zombies, 'zombie')}`;
}
