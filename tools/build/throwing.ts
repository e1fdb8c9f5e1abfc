/** Returns the source of a function, or of a class that can't be instantiated, that throws an error which names what is left out. */
export function throwing(name: string, kind: 'function' | 'class' = 'function'): string {
  const body = `{ throw new Error('${name} is left out of this bundle'); }`;
  return kind === 'class' ? `class { constructor() ${body} }` : `() => ${body}`;
}
