import { imageReference } from '../model/image-reference';
import type { PlannedNode } from '../model/node';
import type { Outputs } from '../model/outputs';
import { explainUnfit, isPlainInScripts, isProgramText, type PlannedTemplate } from '../model/template';
import { nearest } from '../suites/file/nearest';
import { formatPlace } from './node-texts';

/** What templates name that is known only when a step starts. */
export interface LateValues {
  executionId: string;
  /** Null when the step has not passed. */
  outputsOf(stepId: string): Outputs | null;
}

type Part = NonNullable<PlannedTemplate['parts']>[number];

/** The node with all values whole, or what keeps it from starting, in one sentence. Pure. */
export function fillTemplates(
  node: PlannedNode,
  values: LateValues,
): { node: PlannedNode } | { problem: string } {
  const late = node.templates?.filter(({ parts }) => parts !== null) ?? [];
  if (late.length === 0) return { node };
  const filled: PlannedNode = {
    ...node,
    build: node.build && { ...node.build, args: { ...node.build.args } },
    env: { ...node.env },
    headers: { ...node.headers },
    command: node.command && [...node.command],
    container: {
      ...node.container,
      args: node.container.args && [...node.container.args],
      entrypoint: node.container.entrypoint && [...node.container.entrypoint],
    },
  };
  for (const { at, parts } of late) {
    const isProgram = isProgramAt(node, at);
    let text = '';
    for (const part of parts ?? []) {
      const value = valueOfPart(part, values);
      if ('problem' in value) return { problem: `${formatPlace(at)} cannot be made: ${value.problem}` };
      if (isProgram && typeof part !== 'string' && 'step' in part && !isPlainInScripts(value.text))
        return { problem: `${formatPlace(at)} cannot be made: ${explainUnfit(nameOf(part))}` };
      text += value.text;
    }
    if (at[0] === 'image' && !imageReference.test(text))
      return {
        problem: `image cannot be made: expected an image such as node:22, found ${JSON.stringify(text.slice(0, 80))}`,
      };
    set(filled, at, text);
  }
  return { node: filled };
}

function valueOfPart(
  part: Part,
  { executionId, outputsOf }: LateValues,
): { text: string } | { problem: string } {
  if (typeof part === 'string') return { text: part };
  if ('execution' in part) return { text: executionId };
  const { step, output } = part;
  const outputs = outputsOf(step);
  if (outputs === null) return { problem: `${nameOf(part)} is not there, because ${step} has not passed` };
  if (Object.hasOwn(outputs, output)) return { text: outputs[output] ?? '' };
  const names = Object.keys(outputs);
  const near = nearest(output, names);
  const there =
    names.length === 0
      ? `${step} wrote nothing into $GANTRY_OUTPUT`
      : `${step} wrote ${near === null ? `only ${names.slice(0, 10).join(', ')}` : `"${near}"`} into $GANTRY_OUTPUT`;
  return { problem: `${nameOf(part)} is not there: ${there}` };
}

function nameOf({ step, output }: { step: string; output: string }): string {
  return `steps.${step}.outputs.${output}`;
}

function isProgramAt(
  { command, container }: PlannedNode,
  [key, second, third]: PlannedTemplate['at'],
): boolean {
  if (key === 'command') return isProgramText(command ?? [], Number(second));
  if (key !== 'container') return false;
  const before = second === 'args' ? (container.entrypoint ?? []) : [];
  const own = second === 'args' ? container.args : container.entrypoint;
  return isProgramText([...before, ...(own ?? [])], before.length + Number(third));
}

function set(node: PlannedNode, [key, second, third]: PlannedTemplate['at'], text: string): void {
  const list =
    key === 'command'
      ? node.command
      : key === 'container'
        ? second === 'args'
          ? node.container.args
          : node.container.entrypoint
        : null;
  const index = Number(key === 'command' ? second : third);
  if (key === 'image') node.image = text;
  else if (key === 'build' && node.build) node.build.args[String(third)] = text;
  else if (key === 'env') node.env[String(second)] = text;
  else if (key === 'headers') node.headers[String(second)] = text;
  else if (list) list[index] = text;
}
