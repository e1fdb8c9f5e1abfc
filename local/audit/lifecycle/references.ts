import { piecesOf, splitAttribute } from '../../emulator/template/sub';

/** One use of another resource by its logical id. */
export interface Reference {
  readonly id: string;
  /** Undefined for a `Ref`. */
  readonly attribute: string | undefined;
  /** Members that lead to it, without those of the intrinsics themselves. */
  readonly path: readonly string[];
}

/** Finds every `Ref`, `Fn::GetAtt` and `Fn::Sub` of a value; pseudo parameters are among the references. */
export function referencesIn(value: unknown, path: readonly string[] = []): readonly Reference[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    if (name === 'Ref' && typeof member === 'string') return [{ id: member, attribute: undefined, path }];
    if (name === 'Fn::GetAtt') return attribute(member, path);
    if (name === 'Fn::Sub') return substitution(member, path);
    return referencesIn(member, name.startsWith('Fn::') ? path : [...path, name]);
  });
}

function attribute(argument: unknown, path: readonly string[]): readonly Reference[] {
  if (typeof argument === 'string') {
    const [id, name] = splitAttribute(argument);
    return [{ id, attribute: name, path }];
  }
  const [id, name] = [argument].flat() as readonly unknown[];
  return typeof id === 'string' ? [{ id, attribute: typeof name === 'string' ? name : undefined, path }] : [];
}

function substitution(argument: unknown, path: readonly string[]): readonly Reference[] {
  const [format, given] = [argument].flat() as readonly unknown[];
  if (typeof format !== 'string') return [];
  const own = new Set(Object.keys(typeof given === 'object' && given !== null ? given : {}));
  const named = piecesOf(format).flatMap((piece) => {
    if ('literal' in piece || own.has(piece.variable)) return [];
    const [id, name] = splitAttribute(piece.variable);
    return [{ id, attribute: name, path }];
  });
  return [...named, ...referencesIn(given, path)];
}
