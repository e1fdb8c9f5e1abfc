import { maskId, plain } from '../../local/audit/plain';
import type { TemplateJson } from './mutate';

/** A template's resource, as far as policies go. */
interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

/** The property of each kind of resource that holds its policies. */
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
