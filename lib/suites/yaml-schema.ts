import { FAILSAFE_SCHEMA, Type } from 'js-yaml';

/** A number, true or false, with the text as written: `1.10` as a variable's value stays `1.10`. */
export class PlainScalar {
  constructor(
    readonly source: string,
    readonly value: number | boolean,
  ) {}

  /** js-yaml makes keys of what calls itself something else than an object, with `toString`. */
  get [Symbol.toStringTag](): string {
    return 'PlainScalar';
  }

  toString(): string {
    return this.source;
  }
}

/** The core schema of YAML 1.2: no dates, no octal `010`, no `yes`, no merge keys, no tags of a language. */
export const coreSchema = FAILSAFE_SCHEMA.extend({
  implicit: [
    scalar('null', /^(?:~|null|Null|NULL|)$/, () => null),
    scalar('bool', /^(?:true|True|TRUE|false|False|FALSE)$/, (text) => /^t/i.test(text)),
    scalar('int', /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/, Number),
    scalar(
      'float',
      /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
      (text) => (/\.nan/i.test(text) ? Number.NaN : Number(text.replace(/\.inf/i, 'Infinity'))),
    ),
  ],
});

function scalar(name: string, form: RegExp, read: (text: string) => number | boolean | null): Type {
  return new Type(`tag:yaml.org,2002:${name}`, {
    kind: 'scalar',
    resolve: (data: unknown) =>
      typeof data === 'string' ? form.test(data) : data === null && name === 'null',
    construct: (data: unknown) => {
      const text = typeof data === 'string' ? data : '';
      const value = read(text);
      return value === null ? null : new PlainScalar(text, value);
    },
  });
}
