import type { Step } from '@/lib/model/execution';
import type { PlannedNode } from '@/lib/model/node';
import { outputsOf } from '@/lib/model/outputs-of';
import type { PlannedTemplate, VariableLayer } from '@/lib/model/template';

const layerWords: Record<VariableLayer, string> = {
  suite: 'the suite',
  profile: 'the profile',
  launch: 'the launch',
};

/** What a step wrote into `$GANTRY_OUTPUT`. */
export function Outputs({ step }: { step: Step }) {
  const outputs = Object.entries(outputsOf(step) ?? {});
  if (outputs.length === 0) return null;
  return (
    <table className="mt-4 w-full text-left">
      <caption className="label pb-1 text-left">Outputs</caption>
      <tbody>
        {outputs.map(([name, value]) => (
          <tr key={name} className="border-line border-t align-top">
            <td className="py-1 pr-4">
              <code>{name}</code>
            </td>
            <td className="w-full whitespace-pre-wrap break-all py-1">
              <code>{value}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The values that are written with templates, and who gave the variables in them their values. */
export function Templates({ node }: { node: PlannedNode }) {
  if (!node.templates?.length) return null;
  return (
    <table className="mt-4 w-full text-left">
      <caption className="label pb-1 text-left">Templates</caption>
      <tbody>
        {node.templates.map((template) => (
          <tr key={template.at.join('.')} className="border-line border-t align-top">
            <td className="whitespace-nowrap py-1 pr-4">
              <code>{placeOf(template.at)}</code>
            </td>
            <td className="w-full whitespace-pre-wrap break-words py-1">
              <code>{template.text}</code>
              {Object.entries(template.vars).map(([name, layer]) => (
                <span key={name} className="block text-ink-2">
                  {name} is from {layerWords[layer]}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function placeOf([first, ...rest]: PlannedTemplate['at']): string {
  const keys = first === 'container' ? rest : [first === 'command' ? 'run' : first, ...rest];
  return keys.filter((key) => typeof key === 'string').join('.');
}
