/** The end of the names of retained resources, as `plain` writes it: digits of the stack's id. */
export const STACK_SUFFIX = '${AWS::StackId}[/2][-0]${AWS::StackId}[/2][-1]';

/** Returns a logical id without the hash that the CDK puts at its end, so that ids of renamed stacks are comparable. */
export function maskId(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

/**
 * Returns a value with CloudFormation's references as text: `{ Ref: 'A' }` becomes `${A}`, joins become one string, and
 * the second piece of a stack's id that is split at slashes becomes `${AWS::StackId}[/1]`.
 */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const [[key, inner] = ['', undefined], ...others] = Object.entries(value) as [string, unknown][];
  if (others.length === 0) {
    if (key === 'Ref') return `\${${maskId(String(inner))}}`;
    if (key === 'Fn::GetAtt' && Array.isArray(inner)) return `\${${maskId(String(inner[0]))}.${String(inner[1])}}`;
    if (key === 'Fn::Sub') return inner;
    if (key === 'Fn::Select' && isOfStackId(inner)) return `${String(plain(inner[1]))}${String(inner[0])}]`;
    if (key === 'Fn::Split' && isOfStackId(inner)) return `${String(plain(inner[1]))}[${String(inner[0])}`;
    if (key === 'Fn::Join' && Array.isArray(inner)) return (plain(inner[1]) as string[]).join(String(inner[0]));
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

function isOfStackId(argument: unknown): argument is unknown[] {
  return Array.isArray(argument) && JSON.stringify(argument).includes('{"Ref":"AWS::StackId"}');
}
