'use client';

import { useSearchParams } from 'next/navigation';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { lazyPart } from '@/app/_components/lazy-part';
import { ErrorNotice } from '@/app/_components/notice';
import { Tabs } from '@/app/_components/tabs';
import { useAction } from '@/app/_components/use-action';
import { OnlyAdmins, type Person } from './only-admins';

const tabs = ['backends', 'people', 'rights', 'sessions', 'tokens', 'webhooks', 'triggers', 'audit'] as const;

const AuditTab = lazyPart(() => import('./audit/audit-tab').then((part) => part.AuditTab));
const BackendsTab = lazyPart(() => import('./backends/backends-tab').then((part) => part.BackendsTab));
const GrantsTab = lazyPart(() => import('./grants/grants-tab').then((part) => part.GrantsTab));
const PeopleTab = lazyPart(() => import('./people/people-tab').then((part) => part.PeopleTab));
const SessionsTab = lazyPart(() => import('./sessions/sessions-tab').then((part) => part.SessionsTab));
const TokensTab = lazyPart(() => import('./tokens/tokens-tab').then((part) => part.TokensTab));
const TriggersTab = lazyPart(() => import('./triggers/triggers-tab').then((part) => part.TriggersTab));
const WebhooksTab = lazyPart(() => import('./webhooks/webhooks-tab').then((part) => part.WebhooksTab));

/** Backends, people, rights to suites, sessions, tokens, webhooks, triggers and the audit log as tabs. The tab is in the URL. */
export function Settings({ person }: { person: Person }) {
  const search = useSearchParams();
  const tab = tabs.find((each) => each === search.get('tab')) ?? 'backends';
  const isAdmin = person.role === 'admin';
  const signOut = useAction({
    mutationFn: () => apiFetch('/api/v1/session', { method: 'DELETE' }),
    onSuccess: () => location.assign('/sign-in'),
  });

  return (
    <div className="flex min-h-full flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 p-4 pb-3">
        <h1 className="page-title">Settings</h1>
        <p className="text-ink-2">
          You are <strong className="text-ink">{person.name}</strong>, {person.role}.
        </p>
        <Button className="ml-auto" disabled={signOut.isPending} onClick={() => signOut.mutate()}>
          {signOut.isPending ? 'Signing out…' : 'Sign out'}
        </Button>
      </header>
      {signOut.error ? (
        <div className="px-4 pb-3">
          <ErrorNotice title="You are still signed in.">{signOut.error.message}</ErrorNotice>
        </div>
      ) : null}
      <Tabs
        label="Settings"
        names={tabs}
        current={tab}
        onChoose={(name) =>
          history.replaceState(null, '', name === 'backends' ? location.pathname : `?tab=${name}`)
        }
      >
        <div className="flex flex-col gap-4 p-4">
          {tab === 'backends' ? <BackendsTab isAdmin={isAdmin} /> : null}
          {tab === 'people' ? isAdmin ? <PeopleTab /> : <OnlyAdmins what="People" person={person} /> : null}
          {tab === 'rights' ? isAdmin ? <GrantsTab /> : <OnlyAdmins what="Rights" person={person} /> : null}
          {tab === 'sessions' ? <SessionsTab isAdmin={isAdmin} /> : null}
          {tab === 'tokens' ? isAdmin ? <TokensTab /> : <OnlyAdmins what="Tokens" person={person} /> : null}
          {tab === 'webhooks' ? (
            isAdmin ? (
              <WebhooksTab />
            ) : (
              <OnlyAdmins what="Webhooks" person={person} />
            )
          ) : null}
          {tab === 'triggers' ? (
            isAdmin ? (
              <TriggersTab />
            ) : (
              <OnlyAdmins what="Triggers" person={person} />
            )
          ) : null}
          {tab === 'audit' ? (
            isAdmin ? (
              <AuditTab />
            ) : (
              <OnlyAdmins what="The audit log" person={person} />
            )
          ) : null}
        </div>
      </Tabs>
    </div>
  );
}
