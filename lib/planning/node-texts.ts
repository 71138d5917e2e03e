import type { InputIssue } from '../model/errors';
import type { ImageBuild } from '../model/image-build';
import { imageReference } from '../model/image-reference';
import { isProgramText, type PlannedTemplate } from '../model/template';
import type { FlatStep } from './flatten';
import type { LevelScope } from './level-scope';
import type { PlanRequest } from './plan-request';
import { renderTemplate, type TextPlace } from './render-template';

/** The values of a step that may be written with templates, filled in as far as they are known. */
export interface NodeTexts {
  image: string | null;
  build: ImageBuild | null;
  command: string[] | null;
  args: string[] | null;
  entrypoint: string[] | null;
  env: Record<string, string>;
  headers: Record<string, string>;
  templates: PlannedTemplate[];
}

/** Variables or headers of one layer. What does not come from the suite's own files is taken as it is. */
interface Layer {
  values: Record<string, string> | undefined;
  from: 'step' | 'suite' | 'outside';
}

/** Merges the layers, low to high, and fills in the templates of those values that count. */
export function renderNodeTexts(
  { id, step, level }: FlatStep,
  request: PlanRequest,
  scope: LevelScope,
  issues: InputIssue[],
): NodeTexts {
  const { suite, profile, prefix, inputs } = level;
  const { defaults } = suite;
  // A step may be called `constructor`.
  const own = Object.hasOwn(profile.steps, step.id) ? profile.steps[step.id] : undefined;
  const templates: PlannedTemplate[] = [];

  function render(text: string, at: TextPlace['at'], from: Layer['from'], isProgram = false): string {
    if (from === 'outside') return text;
    const place = { at, step: from === 'step' ? step.id : null, isProgram };
    const rendered = renderTemplate(text, place, scope);
    const path = `${prefix}steps.${step.id}.${formatPlace(at)}`;
    issues.push(...rendered.problems.map((message) => ({ path, message })));
    if (rendered.template) templates.push(rendered.template);
    return rendered.text;
  }

  function merge(key: 'env' | 'headers', layers: readonly Layer[]): Record<string, string> {
    const merged = new Map<string, { text: string; from: Layer['from'] }>();
    for (const { values, from } of layers)
      for (const [name, text] of Object.entries(values ?? {})) merged.set(name, { text, from });
    return Object.fromEntries(
      [...merged].map(([name, { text, from }]) => [name, render(text, [key, name], from)]),
    );
  }

  function list(items: readonly string[] | undefined, at: string[], before: readonly string[] = []) {
    if (!items) return null;
    const argv = [...before, ...items];
    return items.map((item, index) =>
      render(item, [...at, index], 'step', isProgramText(argv, before.length + index)),
    );
  }

  const launched = request.images && Object.hasOwn(request.images, id) ? request.images[id] : undefined;
  const written = own?.image ?? step.image;
  // An image that a profile or a launch names takes the place of what would be built.
  const build = launched === undefined && own?.image === undefined ? (step.build ?? null) : null;
  const image =
    launched ??
    (written === undefined
      ? build !== null || defaults.image === undefined
        ? null
        : render(defaults.image, ['image'], 'suite')
      : render(written, ['image'], 'step'));
  const isKnown = !templates.some(({ at, parts }) => at[0] === 'image' && parts !== null);
  if (image !== null && isKnown && !image.includes('${{') && !imageReference.test(image)) {
    const message = `expected an image such as node:22, found ${JSON.stringify(image.slice(0, 80))}`;
    issues.push({ path: `${prefix}steps.${step.id}.image`, message });
  }
  // What a profile runs takes the place of all that says how the image is run.
  const program: Pick<FlatStep['step'], 'run' | 'args' | 'entrypoint'> = own?.run ? { run: own.run } : step;
  return {
    image,
    build: build && {
      ...build,
      args: Object.fromEntries(
        Object.entries(build.args).map(([name, text]) => [
          name,
          render(text, ['build', 'args', name], 'step'),
        ]),
      ),
    },
    command: list(program.run, ['command']),
    args: list(program.args, ['container', 'args'], program.entrypoint),
    entrypoint: list(program.entrypoint, ['container', 'entrypoint']),
    env: merge('env', [
      { values: defaults.env, from: 'suite' },
      { values: step.env, from: 'step' },
      { values: request.platformEnv, from: 'outside' },
      { values: profile.env, from: 'suite' },
      { values: inputs, from: 'outside' },
      { values: own?.env, from: 'step' },
      { values: request.env, from: 'outside' },
    ]),
    headers: merge('headers', [
      { values: defaults.headers, from: 'suite' },
      { values: step.headers, from: 'step' },
      { values: profile.headers, from: 'suite' },
      { values: own?.headers, from: 'step' },
    ]),
    templates,
  };
}

/** Writes the place of a value with the keys of the suite's file, as in `run[2]`. */
export function formatPlace(at: PlannedTemplate['at']): string {
  const keys = at[0] === 'container' ? at.slice(1) : at[0] === 'command' ? ['run', ...at.slice(1)] : at;
  return keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${key}`))
    .join('');
}
