import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { Field, fieldClass } from '@/app/_components/field';
import { useAction } from '@/app/_components/use-action';
import { newRowKey } from '@/app/_components/variable-rows';
import type { RegistryCheck, RegistryLogin } from '@/lib/model/registry-login';
import type { Draft } from './draft';

interface RegistryFieldsProps {
  registries: Draft['registries'];
  onChange: (registries: Draft['registries']) => void;
}

/** Logins for the registries that images are pulled from. */
export function RegistryFields({ registries, onChange }: RegistryFieldsProps) {
  const add = () =>
    onChange([...registries, { key: newRowKey(), isNew: true, login: { host: '', user: '', password: '' } }]);
  return (
    <fieldset className="panel flex flex-col gap-3 p-3" data-registries="">
      <legend className="sr-only">Registries</legend>
      <p aria-hidden="true" className="font-[550]">
        Registries
      </p>
      <p className="max-w-[75ch] text-ink-2">
        Logins for images and suites behind a password. Passwords are encrypted and never shown again; agents
        get one for a pull alone, and clusters as a pull secret that goes with its execution.
      </p>
      {registries.map((row) => (
        <RegistryRow
          key={row.key}
          login={row.login}
          isNew={row.isNew}
          onChange={(login) =>
            onChange(registries.map((each) => (each.key === row.key ? { ...each, login } : each)))
          }
          onRemove={() => onChange(registries.filter(({ key }) => key !== row.key))}
        />
      ))}
      <div>
        <Button onClick={add}>Add a registry</Button>
      </div>
    </fieldset>
  );
}

interface RegistryRowProps {
  login: RegistryLogin;
  isNew: boolean;
  onChange: (login: RegistryLogin) => void;
  onRemove: () => void;
}

function RegistryRow({ login, isNew, onChange, onRemove }: RegistryRowProps) {
  const check = useAction({
    mutationFn: () =>
      apiFetch<RegistryCheck>('/api/v1/platform-settings/registries/test', {
        method: 'POST',
        body: login,
        isReading: true,
      }),
  });
  const change = (next: Partial<RegistryLogin>) => {
    // What was said is about what was there.
    check.reset();
    onChange({ ...login, ...next });
  };
  const isWhole = login.host !== '' && login.user !== '' && login.password !== '';
  const name = login.host || 'the new registry';
  return (
    <div className="flex flex-col gap-2" data-registry={login.host}>
      <div className="flex flex-wrap items-end gap-3">
        <Field label="Host" className="w-full sm:w-56">
          <input
            className={`${fieldClass} font-mono text-code`}
            value={login.host}
            maxLength={255}
            required
            readOnly={!isNew}
            placeholder="ghcr.io"
            onChange={(event) => change({ host: event.target.value.trim().toLowerCase() })}
          />
        </Field>
        <Field label="User" className="min-w-32 flex-1">
          <input
            className={fieldClass}
            value={login.user}
            maxLength={500}
            required
            autoComplete="off"
            onChange={(event) => change({ user: event.target.value })}
          />
        </Field>
        <Field label="Password or token" className="min-w-32 flex-1">
          <input
            className={fieldClass}
            type="password"
            value={login.password}
            required
            autoComplete="new-password"
            onFocus={(event) => event.target.select()}
            onChange={(event) => change({ password: event.target.value })}
          />
        </Field>
        <Button disabled={!isWhole || check.isPending} onClick={() => check.mutate()}>
          {check.isPending ? 'Testing…' : 'Test'}
          <span className="sr-only"> {name}</span>
        </Button>
        <Button variant="danger" onClick={onRemove}>
          Remove<span className="sr-only"> {name}</span>
        </Button>
      </div>
      <p role="status" className={check.data?.accepted === false || check.isError ? '' : 'text-ink-2'}>
        {check.data ? `${check.data.accepted ? '✓' : '✕'} ${check.data.message}` : check.error?.message}
      </p>
    </div>
  );
}
