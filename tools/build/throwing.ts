/**
 * Returns the source of a function that throws an error with the name of the part that is left out, whether it is called or
 * constructed.
 */
export function throwing(name: string): string {
  return `function () { throw new Error('${name} is left out of this bundle'); }`;
}
