/** Thrown where a template can't be read or resolved. Messages name the file and the path, and quote no value. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** The way from a template's root to a value: names of members, positions in lists. */
export type Path = readonly (string | number)[];

/** `Resources.Seal.Properties.Tags[0].Key` */
export function dotted(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
    .join('');
}

/** What kind of thing a value is, for messages: the value itself could be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'none';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Throws, naming the file and the path of what is wrong. */
export function fail({ file }: { readonly file: string }, path: Path, problem: string): never {
  throw new TemplateError(`${file}: ${path.length === 0 ? '' : `${dotted(path)}: `}${problem}`);
}
