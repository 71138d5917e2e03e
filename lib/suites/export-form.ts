import type { ExportRule } from '../model/node';
import { describe } from './place';
import { fields, flag, oneOf, type Reader, text } from './readers';

/** A glob below `$GANTRY_ARTIFACTS`. */
const glob: Reader<string> = (value, place) => {
  const source = text('a path or glob below $GANTRY_ARTIFACTS')(value, place);
  if (source === null) return null;
  if (source.startsWith('/') || source.includes('\\') || source.split('/').includes('..')) {
    place.complain(`expected a path that stays below $GANTRY_ARTIFACTS, found ${describe(source)}`);
    return null;
  }
  return source;
};

const long = fields(
  {
    path: glob,
    format: oneOf(['file', 'junit', 'cobertura']),
    on: oneOf(['success', 'failure', 'always']),
    required: flag,
  },
  { required: ['path'] },
);

/** `"glob"` or `{path, format: file, on: always, required}`; a report is required unless it says `false`. */
export const exportRule: Reader<ExportRule> = (value, place) => {
  if (typeof value === 'string') {
    const path = glob(value, place);
    return path === null ? null : { path, format: 'file', on: 'always', required: false };
  }
  const read = long(value, place);
  if (!read || read.path === null) return null;
  const format = read.format ?? 'file';
  return { path: read.path, format, on: read.on ?? 'always', required: read.required ?? format !== 'file' };
};
