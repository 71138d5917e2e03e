import { FAILSAFE_SCHEMA, Type } from 'js-yaml';

/** A number or boolean whose text is not as JavaScript writes it: `1.10`, `0x10`, `True`. */
export class UnusualScalar {
  constructor(
    readonly source: string,
    readonly value: number | boolean,
  ) {}

  /** Makes js-yaml write such a scalar as a key with `toString`: it does so with everything that is not an `Object`. */
  get [Symbol.toStringTag](): string {
    return 'UnusualScalar';
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
      return value === null || String(value) === text ? value : new UnusualScalar(text, value);
    },
  });
}
