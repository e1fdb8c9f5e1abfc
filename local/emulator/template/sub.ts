/** A piece of an `Fn::Sub` text: what stands there, or the name of a variable. */
export type Piece = { readonly literal: string } | { readonly variable: string };

const VARIABLE = /\$\{(!?)([^}]*)\}/g;

/** Takes an `Fn::Sub` text apart: `${Name}` and `${Id.Attribute}` are variables, `${!Name}` is the text `${Name}`. */
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

/** `Id.Attribute` → both; an attribute may have dots of its own. */
export function splitAttribute(name: string): readonly [id: string, attribute: string | undefined] {
  const dot = name.indexOf('.');
  return dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}
