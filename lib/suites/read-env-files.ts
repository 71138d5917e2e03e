import type { SuiteFile } from '../model/suite';
import { parseEnvFile } from './file/env-file';
import { quote } from './file/issue';
import type { SuiteYaml } from './file/schema/suite-yaml';
import type { OpenFile, SuiteFiles } from './suite-files';
import { escapeTemplate } from './templates/grammar';

/** The steps with the variables of their env files, later files above earlier ones, below their own `env`. */
export function readEnvFiles(
  steps: SuiteYaml['steps'],
  files: readonly SuiteFile[],
  opened: SuiteFiles,
  { add }: OpenFile,
): SuiteYaml['steps'] {
  const read = new Map<string, Record<string, string>>();

  function variablesOf(file: string): Record<string, string> {
    const known = read.get(file);
    if (known) return known;
    const text = opened.readText(file);
    const { variables, problems } = parseEnvFile(text ?? '');
    for (const { line, message } of problems) opened.addProblem({ file, line, column: 1, message });
    // Nothing in an env file is expanded.
    const plain = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, escapeTemplate(value)]),
    );
    read.set(file, plain);
    return plain;
  }

  return Object.fromEntries(
    Object.entries(steps).map(([id, step]) => {
      if (step.kind === 'suite' || !step.env_file) return [id, step];
      const there = step.env_file.filter((file) => {
        if (files.some(({ path }) => path === file)) return true;
        add(['steps', id, 'env_file'], `expected a file of the suite, found ${quote(file)}`);
        return false;
      });
      const env = Object.assign({}, ...there.map(variablesOf), step.env);
      return [id, { ...step, env }];
    }),
  );
}
