import { Field, fieldClass } from '@/app/_components/field';
import { kubernetesSettings } from '@/lib/model/kubernetes-settings';
import type { BackendSetting } from '@/lib/model/platform-settings';

type Source = 'environment' | 'cluster' | 'inline';

const kept = '***';
const defaults = kubernetesSettings.parse({ kubeconfig: { from: 'cluster' } });

/** Which cluster it is. What else is set of it over the API stays as it is. */
export function ClusterFields({
  setting,
  onChange,
}: {
  setting: BackendSetting;
  onChange: (setting: BackendSetting) => void;
}) {
  const { kubernetes } = setting;
  const given = kubernetes?.kubeconfig;
  const source: Source = given?.from === 'inline' || given?.from === 'cluster' ? given.from : 'environment';
  const change = (
    kubeconfig: { from: 'cluster' } | { from: 'inline'; text: string },
    namespace?: string | null,
  ) =>
    onChange({
      ...setting,
      kubernetes: {
        ...defaults,
        ...kubernetes,
        kubeconfig,
        namespace: namespace === undefined ? (kubernetes?.namespace ?? null) : namespace,
      },
    });
  const choose = (next: string) => {
    if (next === 'cluster') return change({ from: 'cluster' });
    if (next === 'inline') return change({ from: 'inline', text: '' });
    const { kubernetes: _, ...rest } = setting;
    return onChange(rest);
  };

  return (
    <div className="flex flex-wrap items-start gap-3">
      <Field label="Cluster">
        <select className={fieldClass} value={source} onChange={(event) => choose(event.target.value)}>
          <option value="environment">what GANTRY_KUBECONFIG names</option>
          <option value="cluster">the one that Gantry runs in</option>
          <option value="inline">a kubeconfig</option>
        </select>
      </Field>
      {kubernetes && given && given.from !== 'file' ? (
        <Field label="Shared namespace" className="w-48">
          <input
            className={fieldClass}
            placeholder="one for each execution"
            value={kubernetes.namespace ?? ''}
            onChange={(event) => change(given, event.target.value || null)}
          />
        </Field>
      ) : null}
      {given?.from === 'inline' ? (
        <Field
          label={given.text === kept ? 'Kubeconfig (kept, never shown)' : 'Kubeconfig'}
          className="w-full"
        >
          <textarea
            className="min-h-24 w-full rounded-md border border-line-strong bg-surface p-2 font-mono text-code"
            required={given.text !== kept}
            spellCheck={false}
            placeholder={
              given.text === kept ? 'Paste another one to replace it' : 'apiVersion: v1\nkind: Config\n…'
            }
            value={given.text === kept ? '' : given.text}
            onChange={(event) => change({ from: 'inline', text: event.target.value })}
          />
        </Field>
      ) : null}
    </div>
  );
}
