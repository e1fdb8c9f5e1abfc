/** Thrown if a template can't be read or resolved. Messages name the file and the path, and never quote a value. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** The path from a template's root to a value: names of members, positions in lists. */
export type Path = readonly (string | number)[];

/** Formats a path as `Resources.Seal.Properties.Tags[0].Key`. */
export function dotted(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
    .join('');
}

/** Names the type of a value for messages: the value itself could be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'none';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Throws a `TemplateError` that names the file, the path and the problem. */
export function fail({ file }: { readonly file: string }, path: Path, problem: string): never {
  throw new TemplateError(`${file}: ${path.length === 0 ? '' : `${dotted(path)}: `}${problem}`);
}
