import * as v from 'valibot';
import { parseFunctionReference } from '../../function-reference';
import { arn } from '../deployment';
import { flag, text } from '../fields';
import { type PolicyDocument, type PolicyStatement, VERSION } from '../policy-document';
import type { Resources } from '../resources';
import { type FunctionTarget, targetOf } from './functions';

export const PERMISSION = 'AWS::Lambda::Permission';

/** A statement of a function's resource policy: applies to the unqualified function, or to one alias or version. */
export interface PermissionPart extends FunctionTarget {
  readonly logicalId: string;
  /** the ARN of the function, version or alias that it applies to */
  readonly resource: string;
  /** the statement as Lambda adds it to the policy */
  readonly statement: PolicyStatement;
}

const FIELDS = {
  Action: text,
  FunctionName: text,
  Principal: text,
  SourceArn: v.optional(text),
  SourceAccount: v.optional(text),
  PrincipalOrgID: v.optional(text),
  EventSourceToken: v.optional(text),
  FunctionUrlAuthType: v.optional(text),
  InvokedViaFunctionUrl: v.optional(flag),
};
type Permission = v.InferOutput<v.ObjectSchema<typeof FIELDS, undefined>>;

export function readPermissions(resources: Resources): readonly PermissionPart[] {
  return resources.of(PERMISSION, FIELDS).map(({ logicalId, properties }) => {
    const resource = functionArn(properties.FunctionName, resources);
    const statement: PolicyStatement = {
      Sid: logicalId,
      Effect: 'Allow',
      Principal: principalOf(properties.Principal, resources.resolver.deployment.partition),
      Action: properties.Action,
      Resource: resource,
      ...conditionOf(properties),
    };
    return { logicalId, ...targetOf(properties.FunctionName, resources), resource, statement };
  });
}

/** Groups permissions into resource policies, by the ARN that each policy applies to. */
export function resourcePolicies(permissions: readonly PermissionPart[]): ReadonlyMap<string, PolicyDocument> {
  const byResource = Map.groupBy(permissions, ({ resource }) => resource);
  return new Map(
    [...byResource].map(([resource, parts]) => [
      resource,
      { Version: VERSION, Statement: parts.map(({ statement }) => statement) },
    ]),
  );
}

/** Returns the ARN of a function that is given by name, partial ARN or ARN. */
function functionArn(named: string, { resolver }: Resources): string {
  const { name = named, qualifier } = parseFunctionReference(named) ?? {};
  if (named.startsWith('arn:')) return named;
  return arn(resolver.deployment, 'lambda', `function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`);
}

/** Reads a principal: an account's number means its root, a host name a service, other values are ARNs. */
function principalOf(principal: string, partition = 'aws'): PolicyStatement['Principal'] {
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:${partition}:iam::${principal}:root` };
  if (/^[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com)$/.test(principal)) return { Service: principal };
  return principal === '*' ? '*' : { AWS: principal };
}

/** Returns a permission's limits as Lambda writes them: without limits, a service could be a confused deputy. */
function conditionOf(permission: Permission): Pick<PolicyStatement, 'Condition'> {
  const equal = present({
    'AWS:SourceAccount': permission.SourceAccount,
    'aws:PrincipalOrgID': permission.PrincipalOrgID,
    'lambda:EventSourceToken': permission.EventSourceToken,
    'lambda:FunctionUrlAuthType': permission.FunctionUrlAuthType,
  });
  const like = present({ 'AWS:SourceArn': permission.SourceArn });
  const bool = present({ 'lambda:InvokedViaFunctionUrl': permission.InvokedViaFunctionUrl?.toString() });
  const condition = { ...wrap('StringEquals', equal), ...wrap('ArnLike', like), ...wrap('Bool', bool) };
  return Object.keys(condition).length > 0 ? { Condition: condition } : {};
}

function present(keys: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(keys).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function wrap(operator: string, keys: Record<string, string>): Record<string, Record<string, string>> {
  return Object.keys(keys).length > 0 ? { [operator]: keys } : {};
}
