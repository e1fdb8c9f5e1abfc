import type { Template } from 'aws-cdk-lib/assertions';

/** EventBridge's limit on a pattern, in characters. Source: EventBridge User Guide, "Amazon EventBridge quotas". */
export const PATTERN_CHARS = 2_048;

/** Values that a deploy may put for a reference, as long as the service allows. */
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'us-gov-west-1',
  'AWS::AccountId': '1'.repeat(12),
  'AWS::StackId': `arn:aws-us-gov:cloudformation:us-gov-west-1:111111111111:stack/${'a'.repeat(128)}/01234567-89ab-cdef-0123-456789abcdef`,
};
const ARN = 'arn:aws-us-gov:service:us-gov-west-1:111111111111:';
const LONGEST: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Api': 'a'.repeat(10),
  'AWS::EC2::RouteTable': `rtb-${'a'.repeat(17)}`,
  'AWS::EC2::SecurityGroup': `sg-${'a'.repeat(17)}`,
  'AWS::Backup::BackupVault': 'a'.repeat(50),
  'AWS::Events::Rule': 'a'.repeat(64),
  'AWS::IAM::ManagedPolicy': `${ARN}policy/share-vault/${'a'.repeat(128)}`,
  'AWS::IAM::Role': 'a'.repeat(64),
  'AWS::KMS::Key': `${ARN}key/${'a'.repeat(36)}`,
  'AWS::RDS::DBInstance': 'a'.repeat(63),
  'AWS::SNS::Topic': `${ARN}${'a'.repeat(256)}`,
};

/** The patterns of a template's rules by their ids, each reference in them as long as it can be. */
export function longestPatterns(template: Template): readonly (readonly [id: string, length: number])[] {
  const { Resources } = template.toJSON() as {
    readonly Resources: Record<string, { Type: string; Properties?: object }>;
  };
  return Object.entries(template.findResources('AWS::Events::Rule')).flatMap(([id, rule]) => {
    const pattern = (rule as { readonly Properties: { readonly EventPattern?: object } }).Properties.EventPattern;
    if (pattern === undefined) return [];
    const resolved = JSON.stringify(resolve(pattern, (name) => longest(name, Resources[name]?.Type)));
    return [[id, resolved.length] as const];
  });
}

function longest(name: string, type = ''): string {
  const value = PSEUDO[name] ?? LONGEST[type];
  if (value === undefined) throw new Error(`expected a reference whose length is known, got ${name} (${type})`);
  return value;
}

function resolve(value: unknown, of: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => resolve(each, of));
  if (typeof value !== 'object' || value === null) return value;
  const [[key, inner] = ['', undefined]] = Object.entries(value) as [string, unknown][];
  if (key === 'Ref') return of(String(inner));
  if (key === 'Fn::GetAtt') return of(String((inner as string[])[0]));
  if (key === 'Fn::Join') {
    const [separator, parts] = inner as [string, unknown[]];
    return parts.map((part) => resolve(part, of)).join(separator);
  }
  if (key === 'Fn::Split') {
    const [separator, text] = inner as [string, unknown];
    return String(resolve(text, of)).split(separator);
  }
  if (key === 'Fn::Select') {
    const [index, list] = inner as [number, unknown];
    return (resolve(list, of) as readonly unknown[])[index];
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolve(member, of)]));
}
