import { settingSections } from '../settings';
import { formatTable } from '../suites/publish/format-table';
import { defaultOf, metaOf } from '../suites/publish/key-meta';

/** The tables of docs/settings.md, a heading for each section. */
export function settingsTables(): string {
  return Object.entries(settingSections)
    .map(([section, settings]) => {
      const rows = Object.entries(settings).map(([name, schema]) => {
        const { description = '', whenAbsent } = metaOf(schema);
        const value = defaultOf(schema);
        const written = value === undefined || value === '' ? 'none' : `\`${value}\``;
        return [`\`${name}\``, whenAbsent ?? written, description];
      });
      return `## ${section}\n\n${formatTable(['setting', 'default', 'meaning'], rows)}`;
    })
    .join('\n\n');
}
