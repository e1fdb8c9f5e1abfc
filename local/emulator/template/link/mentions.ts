import type { Path } from '../errors';
import { piecesOf } from '../sub';

/** A use of something that another stack, or Parameter Store, may have. The argument is not resolved. */
export interface Mention {
  readonly kind: 'import' | 'output' | 'stored';
  readonly argument: unknown;
  readonly path: Path;
}

/** The names and uses in an expression. */
export interface Mentions {
  /** names of `Ref` and `Fn::Sub`: resources, parameters and pseudo parameters */
  readonly names: ReadonlySet<string>;
  readonly uses: readonly Mention[];
}

const STORED = /\{\{resolve:ssm:([^:}]+)/g;

const KINDS: Readonly<Record<string, Mention['kind']>> = {
  'Fn::ImportValue': 'import',
  'Fn::GetStackOutput': 'output',
};

/** Finds the names and uses in an expression. Doesn't find the dynamic references that a function would produce. */
export function mentionsIn(value: unknown, path: Path): Mentions {
  const names = new Set<string>();
  const uses: Mention[] = [];
  const walk = (member: unknown, at: Path): void => {
    if (typeof member === 'string') {
      for (const [, name] of member.matchAll(STORED)) uses.push({ kind: 'stored', argument: name, path: at });
    }
    if (typeof member !== 'object' || member === null) return;
    for (const [name, inner] of Object.entries(member) as [string, unknown][]) {
      const below = [...at, Array.isArray(member) ? Number(name) : name];
      const kind = KINDS[name];
      if (kind !== undefined) uses.push({ kind, argument: inner, path: below });
      if (name === 'Ref' && typeof inner === 'string') names.add(inner);
      if (name === 'Fn::Sub') for (const each of variablesOf(inner)) names.add(each);
      walk(inner, below);
    }
  };
  walk(value, path);
  return { names, uses };
}

function variablesOf(argument: unknown): readonly string[] {
  const [format] = [argument].flat() as readonly unknown[];
  if (typeof format !== 'string') return [];
  return piecesOf(format).flatMap((piece) => ('variable' in piece ? [piece.variable] : []));
}
