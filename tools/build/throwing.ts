/** Returns the source of a function, or of a class, that throws an error with the name of the part that is left out. */
export function throwing(name: string, kind: 'function' | 'class' = 'function'): string {
  const body = `{ throw new Error('${name} is left out of this bundle'); }`;
  return kind === 'class' ? `class { constructor() ${body} }` : `() => ${body}`;
}
