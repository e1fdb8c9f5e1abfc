/** A piece of an `Fn::Sub` string: literal text, or the name of a variable. */
export type Piece = { readonly literal: string } | { readonly variable: string };

const VARIABLE = /\$\{(!?)([^}]*)\}/g;

/** Splits an `Fn::Sub` string: `${Name}` and `${Id.Attribute}` are variables, `${!Name}` is the literal `${Name}`. */
export function piecesOf(format: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of format.matchAll(VARIABLE)) {
    const [whole, escaped, name = ''] = match;
    pieces.push({ literal: format.slice(end, match.index) });
    pieces.push(escaped === '!' ? { literal: `\${${name}}` } : { variable: name.trim() });
    end = match.index + whole.length;
  }
  return [...pieces, { literal: format.slice(end) }];
}

/** Replaces the variables of an `Fn::Sub` string, with their `${…}`. Leaves `${!Name}` as it is. */
export function replaceVariables(format: string, replacement: (name: string) => string): string {
  return format.replaceAll(VARIABLE, (whole: string, escaped: string, name: string) =>
    escaped === '!' ? whole : replacement(name.trim()),
  );
}

/** Splits `Id.Attribute` at the first dot; an attribute may contain dots. */
export function splitAttribute(name: string): readonly [id: string, attribute: string | undefined] {
  const dot = name.indexOf('.');
  return dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}
