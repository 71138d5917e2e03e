'use client';

import { useState } from 'react';
import { Button } from '@/app/_components/button';
import { Empty } from '@/app/_components/notice';
import { useRowKeys } from '@/app/_components/use-row-keys';
import type { SuiteDetailsAnswer } from '@/lib/model/suite-details';
import { DeleteProfile } from './delete-profile';
import { ProfileForm } from './profile-form';
import { type ProfileRow, profileRows } from './profile-rows';
import { ProfileTable } from './profile-table';

interface ProfilesProps {
  suite: SuiteDetailsAnswer;
  role: 'viewer' | 'member' | 'admin';
  selected: string | null;
  /** A profile was made, changed or deleted: reads the suite again. */
  onChanged: () => Promise<void>;
  onSelect: (name: string | null) => void;
}

type Work = { what: 'make'; extends: string } | { what: 'change' | 'delete'; row: ProfileRow };

/** The profiles of the package's files, which only its files change, and those that are made here. */
export function Profiles({ suite, role, selected, onChanged, onSelect }: ProfilesProps) {
  const [work, setWork] = useState<Work | null>(null);
  const list = useRowKeys<HTMLDivElement>();
  const rows = profileRows(suite);
  // Nothing can be checked against a package that cannot be read.
  const isReadable = suite.profileDetails.length > 0;
  const mayLaunch = suite.rights.includes('launch');
  const mayMake = mayLaunch && isReadable;
  const done = async (name: string | null) => {
    await onChanged();
    setWork(null);
    onSelect(name);
  };
  const close = () => setWork(null);

  return (
    <div ref={list} className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="max-w-[75ch] text-ink-2">
          Files in <code>profiles/</code> are changed where the package is. Managed profiles are kept in
          Gantry beside them, and may extend them.
        </p>
        <div className="ml-auto">
          {mayLaunch ? (
            <Button
              disabled={!mayMake || work?.what === 'make'}
              title={isReadable ? undefined : 'The errors of the suite must be put right first.'}
              onClick={() => setWork({ what: 'make', extends: '' })}
            >
              New profile
            </Button>
          ) : (
            <span className="text-ink-2">
              To make one takes the role member, or the right to launch this suite.
            </span>
          )}
        </div>
      </div>
      {work?.what === 'make' ? (
        <ProfileForm
          key={`new ${work.extends}`}
          suite={suite}
          profile={null}
          base={work.extends}
          role={role}
          onDone={done}
          onClose={close}
        />
      ) : null}
      {rows.length === 0 ? (
        <div className="panel">
          <Empty title="The profiles are not read while the suite has errors" />
        </div>
      ) : (
        <ProfileTable
          suite={suite}
          rows={rows}
          role={role}
          selected={selected}
          onToggle={(name) => onSelect(name === selected ? null : name)}
          onExtend={mayMake ? (name) => setWork({ what: 'make', extends: name }) : null}
          onChange={(row) => {
            onSelect(row.name);
            setWork({ what: 'change', row });
          }}
          onDelete={(row) => setWork({ what: 'delete', row })}
          form={
            work?.what === 'change'
              ? {
                  name: work.row.name,
                  shown: (
                    <ProfileForm
                      key={work.row.name}
                      suite={suite}
                      profile={work.row.managed}
                      base=""
                      role={role}
                      onDone={done}
                      onClose={close}
                    />
                  ),
                }
              : null
          }
        />
      )}
      {work?.what === 'delete' && work.row.managed ? (
        <DeleteProfile suite={suite} profile={work.row.managed} onDone={() => done(null)} onClose={close} />
      ) : null}
    </div>
  );
}
