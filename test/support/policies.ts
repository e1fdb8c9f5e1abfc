import type { TemplateJson } from './mutate';

/** A template's resource, as far as policies go. */
interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

/** In what names of retained resources end: digits of the stack's id, as `plain` writes them. */
export const STACK_SUFFIX = '${AWS::StackId}[/2][-0]${AWS::StackId}[/2][-1]';

/** Where each kind of resource holds its policies. */
const POLICY_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  'AWS::EC2::VPCEndpoint': ['PolicyDocument'],
  'AWS::IAM::ManagedPolicy': ['PolicyDocument'],
  'AWS::IAM::Policy': ['PolicyDocument'],
  'AWS::IAM::Role': ['AssumeRolePolicyDocument', 'ManagedPolicyArns', 'Policies'],
  'AWS::KMS::Key': ['KeyPolicy'],
  'AWS::Lambda::Permission': ['Action', 'Principal', 'FunctionName', 'SourceArn', 'SourceAccount'],
  'AWS::SNS::TopicPolicy': ['PolicyDocument'],
};

/** Every policy of a template by its resource's masked name, its references written out as `${Name.Attribute}`. */
export function policiesOf({ Resources }: TemplateJson): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(Resources).flatMap(([id, resource]) => {
      const { Type, Properties = {} } = resource as unknown as Resource;
      const found = (POLICY_PROPERTIES[Type] ?? []).filter((property) => property in Properties);
      if (found.length === 0) return [];
      const policies = Object.fromEntries(found.map((property) => [property, plain(Properties[property])]));
      return [[maskId(id), { Type, ...policies }] as const];
    }),
  );
}

/** A logical id without its hash: what a rename changes stays, what a path's hash adds goes. */
export function maskId(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

/**
 * CloudFormation's references as text: `{ Ref: 'A' }` becomes `${A}`, joins become one string, and the second piece of a
 * stack's id that is split at slashes becomes `${AWS::StackId}[/1]`.
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
