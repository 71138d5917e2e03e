import type { ManagedProfile } from '@/lib/model/managed-profile';
import type { SuiteProfile } from '@/lib/model/suite';
import { SecretList, VariableList } from '../variable-list';
import type { ProfileRow } from './profile-rows';
import { StepChanges } from './step-changes';

/** All that a profile comes to, with what it gets from those that it extends marked where that is known. */
export function ProfileFacts({ row }: { row: ProfileRow }) {
  const { effective, managed } = row;
  const said = effective ?? managed;
  if (!said) return null;
  const isEmpty = [said.env, said.headers, said.vars ?? {}, said.steps].every(
    (each) => Object.keys(each).length === 0,
  );
  return (
    <div className="flex flex-col gap-3">
      {effective ? null : (
        <p className="text-failed">
          The package no longer has what it extends or the steps that it names: it is left out until the
          package has them again, or until it is changed.
        </p>
      )}
      {managed?.extends ? (
        <p className="text-ink-2">
          It extends <strong className="text-ink">{managed.extends}</strong>.
        </p>
      ) : null}
      {isEmpty && said.secrets.length === 0 ? <p className="text-ink-2">It changes nothing.</p> : null}
      <VariableList title="Env" values={said.env} inherited={inherited(said, managed, 'env')} />
      <VariableList title="Headers" values={said.headers} inherited={inherited(said, managed, 'headers')} />
      <VariableList title="Variables of the suite" values={said.vars ?? {}} />
      <SecretList secrets={said.secrets} inherited={inheritedSecrets(said, managed)} />
      {Object.entries(said.steps).map(([id, { env, headers, ...change }]) => (
        <div key={id} className="flex flex-col gap-2 border-line border-l-2 pl-3">
          {change.skip || change.image || change.run ? <code>{id}</code> : null}
          <StepChanges change={change} />
          <VariableList title={`Env of the step ${id}`} values={env} />
          <VariableList title={`Headers of the step ${id}`} values={headers} />
        </div>
      ))}
    </div>
  );
}

type Fact = Pick<SuiteProfile, 'env' | 'headers' | 'secrets'>;

/** Of a file it is not known: its chain is resolved when it is read. */
function inherited(said: Fact, managed: ManagedProfile | null, part: 'env' | 'headers'): Set<string> {
  if (!managed) return new Set();
  return new Set(Object.keys(said[part]).filter((name) => !Object.hasOwn(managed[part], name)));
}

function inheritedSecrets(said: Fact, managed: ManagedProfile | null): Set<string> {
  if (!managed) return new Set();
  const own = new Set(managed.secrets.map(({ key }) => key));
  return new Set(said.secrets.map(({ key }) => key).filter((key) => !own.has(key)));
}
