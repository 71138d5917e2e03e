import { Button } from '@/app/_components/button';
import { Field, fieldClass } from '@/app/_components/field';
import { lazyPart } from '@/app/_components/lazy-part';
import { backendKinds } from '@/lib/model/backend-kind';
import { hardeningLevels } from '@/lib/model/hardening-levels';
import type { BackendOption } from '@/lib/model/launch';
import type { BackendSetting } from '@/lib/model/platform-settings';
import { Availability } from './availability';

interface BackendFieldsProps {
  setting: BackendSetting;
  isNew: boolean;
  option: BackendOption | undefined;
  onChange: (setting: BackendSetting) => void;
  onRemove: () => void;
}

const ClusterFields = lazyPart(() => import('./cluster-fields').then((part) => part.ClusterFields));

/** One backend: what it is called, whether it is used, and how it is now. */
export function BackendFields({ setting, isNew, option, onChange, onRemove }: BackendFieldsProps) {
  const name = setting.id || 'the new backend';
  return (
    <li className="flex flex-col gap-3 p-3" data-backend={setting.id}>
      <div className="flex flex-wrap items-end gap-3">
        {isNew ? (
          <>
            <Field label="Id" className="w-full sm:w-36">
              <input
                className={`${fieldClass} font-mono text-code`}
                value={setting.id}
                maxLength={63}
                required
                placeholder="staging"
                onChange={(event) => onChange({ ...setting, id: event.target.value })}
              />
            </Field>
            <Field label="Kind">
              <select
                className={fieldClass}
                value={setting.kind}
                onChange={(event) => {
                  const kind = backendKinds.find((each) => each === event.target.value);
                  const { kubernetes: _, hardening: __, ...rest } = setting;
                  if (kind) onChange({ ...rest, kind });
                }}
              >
                {backendKinds.map((kind) => (
                  <option key={kind}>{kind}</option>
                ))}
              </select>
            </Field>
          </>
        ) : (
          <div className="w-full sm:w-36">
            <p className="truncate font-mono text-code">{setting.id}</p>
            <p className="text-ink-2 text-xs">{setting.kind}</p>
          </div>
        )}
        <Field label="Label" className="min-w-40 flex-1">
          <input
            className={fieldClass}
            value={setting.label}
            maxLength={80}
            required
            onChange={(event) => onChange({ ...setting, label: event.target.value })}
          />
        </Field>
        <Field label="Steps at once" className="w-28">
          <input
            className={fieldClass}
            type="number"
            min={1}
            max={10_000}
            placeholder="usual"
            value={setting.capacity ?? ''}
            onChange={(event) =>
              onChange({
                ...setting,
                capacity: event.target.value === '' ? null : event.target.valueAsNumber,
              })
            }
          />
        </Field>
      </div>
      {setting.kind === 'local' || setting.kind === 'remote-agent' ? (
        <Field label="Hardening" className="w-full sm:w-36">
          <select
            className={fieldClass}
            value={setting.hardening ?? 'standard'}
            onChange={(event) =>
              onChange({
                ...setting,
                hardening: hardeningLevels.find((each) => each === event.target.value),
              })
            }
          >
            {hardeningLevels.map((level) => (
              <option key={level}>{level}</option>
            ))}
          </select>
        </Field>
      ) : null}
      {setting.kind === 'kubernetes' ? <ClusterFields setting={setting} onChange={onChange} /> : null}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={setting.enabled}
            onChange={(event) => onChange({ ...setting, enabled: event.target.checked })}
          />
          In use<span className="sr-only">: {name}</span>
        </label>
        <label className="flex items-center gap-2">
          <input
            type="radio"
            name="default-backend"
            checked={setting.default}
            onChange={() => onChange({ ...setting, default: true })}
          />
          Default<span className="sr-only">: {name}</span>
        </label>
        <Availability option={setting.enabled ? option : undefined} />
        <Button variant="danger" className="ml-auto h-7" onClick={onRemove}>
          Remove<span className="sr-only"> {name}</span>
        </Button>
      </div>
    </li>
  );
}
