import { Document, isMap, isScalar } from 'yaml';
import type { ReadCompose } from './read-compose';

/** Writes the `suite.yaml` that says what Compose files say, each step with the reason why it is what it is. */
export function writeSuiteYaml({ value, kinds, notices }: ReadCompose, files: readonly string[]): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  const steps = document.get('steps');
  for (const item of isMap(steps) ? steps.items : []) {
    const why = isScalar(item.key) ? kinds.get(String(item.key.value))?.why : undefined;
    if (why !== undefined && isScalar(item.key)) item.key.commentBefore = ` ${why}`;
  }
  const lines = [
    `The same as ${files.join(' and ')}, which no longer counts.`,
    ...notices.map(({ file, line, message }) => `${file}:${line}: ${message}`),
  ];
  document.commentBefore = lines.map((line) => ` ${line.replaceAll('\n', ' ')}`).join('\n');
  return document.toString({ lineWidth: 110 });
}
