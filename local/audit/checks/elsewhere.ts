import { isDeepStrictEqual } from 'node:util';
import { BODY_PREFIX, ELSEWHERE_ENV } from '../../../lambda/contract/elsewhere';
import type { Check } from './finding';
import { type Statement, allows } from './statements';
import { type Resource, type VaultTemplate, at, members, ofType, roleOf } from './template';

const TOKEN = 'sts:GetWebIdentityToken';
const LIST = 'secretsmanager:ListSecrets';
const CREATE = 'secretsmanager:CreateSecret';
const BODY_ACTIONS = [CREATE, 'secretsmanager:GetSecretValue', 'secretsmanager:DeleteSecret'];
const SERVICE = /^com\.amazonaws\.vpce\.(\$\{AWS::Region\}|[a-z0-9-]+)\.vpce-svc-[0-9a-f]{17}$/;
/** The group of functions that call keys and stores outside AWS. */
export const OUTSIDE = 'VaultNetworkOutside';
const LINK = 'VaultNetworkPrivateLink';

/** Returns the ARN of all bodies of a vault in Secrets Manager. */
function bodiesOf({ environment }: VaultTemplate): string {
  return `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${BODY_PREFIX.path(environment)}*`;
}

/** Returns whether a statement of an endpoint passes tokens or bodies only, as far as their services can limit them. */
export function passesElsewhere(statement: Statement, template: VaultTemplate): boolean {
  const { actions, resources, conditions } = statement;
  const { ArnEquals: _, ...rest } = (conditions ?? {}) as Readonly<Record<string, unknown>>;
  if (isDeepStrictEqual(actions, [TOKEN])) return isDeepStrictEqual(resources, ['*']) && isTokenCondition(rest);
  if (isDeepStrictEqual(actions, [LIST])) return isDeepStrictEqual(resources, ['*']);
  return actions.every((action) => BODY_ACTIONS.includes(action)) && isDeepStrictEqual(resources, [bodiesOf(template)]);
}

/** Returns whether an endpoint leads to a service that has no policy: the consumer's way to one Vault. */
export function isLink({ id, properties }: Resource): boolean {
  return (
    id === `${LINK}Endpoint` &&
    SERVICE.test(String(at(properties, 'ServiceName'))) &&
    at(properties, 'PrivateDnsEnabled') === false &&
    isDeepStrictEqual(at(properties, 'SecurityGroupIds'), [`\${${LINK}Group.GroupId}`])
  );
}

/** A role gets tokens and uses bodies within its function, and stores bodies under the vault's own key. */
export const rightsElsewhereAreBound: Check = (template) =>
  ofType(template, 'AWS::IAM::ManagedPolicy').flatMap(({ id, properties }) =>
    allows(at(properties, 'PolicyDocument'))
      .filter(
        ({ actions, resources }) =>
          [TOKEN, LIST].some((each) => actions.includes(each)) || resources.includes(bodiesOf(template)),
      ) // prettier-ignore
      .filter((statement) => !isBound(statement))
      .map(({ actions }) => ({ resource: id, problem: `expected ${actions.join()} under its conditions, got others` })),
  );

function isBound({ actions, conditions }: Statement): boolean {
  const { ArnLike, ...rest } = (conditions ?? {}) as Readonly<Record<string, unknown>>;
  const functions = at(ArnLike, 'lambda:SourceFunctionArn');
  if (!isDeepStrictEqual(Object.keys(ArnLike ?? {}), ['lambda:SourceFunctionArn']) || !Array.isArray(functions))
    return false;
  if (!functions.every((arn) => /:function:share-vault-[a-z0-9-]+(:\*)?$/.test(String(arn)))) return false;
  if (actions.includes(TOKEN)) return isTokenCondition(rest);
  const underKey = { StringEquals: { 'secretsmanager:KmsKeyId': '${VaultStorageKey.Arn}' } };
  return isDeepStrictEqual(rest, actions.includes(CREATE) ? underKey : {});
}

function isTokenCondition(conditions: unknown): boolean {
  const audiences = at(conditions, 'ForAllValues:StringEquals', 'sts:IdentityTokenAudience');
  const [audience, ...others] = Array.isArray(audiences) ? (audiences as unknown[]) : [audiences];
  if (typeof audience !== 'string' || others.length > 0) return false;
  return isDeepStrictEqual(conditions, {
    'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audiences },
    Null: { 'sts:IdentityTokenAudience': 'false' },
    NumericLessThanEquals: { 'sts:DurationSeconds': '300' },
    StringEquals: { 'sts:SigningAlgorithm': 'RS256' },
  });
}

/** Returns whether a role's use of the storage key is that of Secrets Manager for bodies. */
export function isForBodies({ conditions }: Statement, policy: string, template: VaultTemplate): boolean {
  const bodies = bodiesOf(template);
  return isDeepStrictEqual(conditions, {
    StringEquals: { 'kms:ViaService': 'secretsmanager.${AWS::Region}.amazonaws.com' },
    StringLike: {
      'kms:EncryptionContext:SecretARN': policy.includes('unseal') ? bodies : [bodies, 'RequestToValidateKeyAccess'],
    },
  });
}

/** Which parts of keys and stores elsewhere a function has. */
export function partsOf(properties: unknown): { readonly calls: boolean; readonly bodies: boolean } {
  const variables = at(properties, 'Environment', 'Variables');
  const store = at(variables, ELSEWHERE_ENV.bodyStore);
  const bodies = typeof store === 'string' && store.includes('"type":"secrets-manager"');
  return { calls: at(variables, ELSEWHERE_ENV.otherKeys) !== undefined || (store !== undefined && !bodies), bodies };
}

/** Returns the parts that the function of a role has. */
export function partsOfRole(template: VaultTemplate, role: Resource): ReturnType<typeof partsOf> {
  const fn = ofType(template, 'AWS::Lambda::Function').find(({ properties }) => roleOf(properties) === role.id);
  return partsOf(fn?.properties);
}

/** Returns the ports of services outside AWS that the functions' variables name. */
export function portsOutside(template: VaultTemplate): readonly number[] {
  const texts = valuesOf(template, [ELSEWHERE_ENV.otherKeys, ELSEWHERE_ENV.bodyStore]);
  const named = texts.flatMap((text) => [...text.matchAll(/"address":"https:\/\/[^":/]+(?::(\d+))?"/g)]);
  return [443, ...named.map(([, port]) => Number(port ?? 443))];
}

/** Returns whether a rule leads to the proxy that the functions' variables name, and not to a whole internet. */
export function isProxyRule(rule: unknown, template: VaultTemplate): boolean {
  const port = at(rule, 'FromPort');
  const ports = valuesOf(template, ['HTTPS_PROXY']).map((url) => Number(/:(\d+)\/?$/.exec(url)?.[1]));
  const group = at(rule, 'DestinationSecurityGroupId');
  // a network's largest block
  const narrow = Number(/^[\d.]+\/(\d+)$/.exec(String(at(rule, 'CidrIp')))?.[1]) >= 16;
  const peer = narrow !== (typeof group === 'string');
  return peer && at(rule, 'IpProtocol') === 'tcp' && at(rule, 'ToPort') === port && ports.some((each) => each === port);
}

/** Returns whether a rule connects the functions with the endpoint of a Vault, at the Vault's port. */
export function isLinkRule(rule: unknown, group: string, other: unknown, template: VaultTemplate): boolean {
  const ends = [`\${${group}.GroupId}`, other];
  const port = at(rule, 'FromPort');
  return (
    [OUTSIDE, `${LINK}Group`].every((each) => ends.includes(`\${${each}.GroupId}`)) &&
    at(rule, 'IpProtocol') === 'tcp' &&
    at(rule, 'ToPort') === port &&
    portsOutside(template).some((each) => each === port)
  );
}

function valuesOf(template: VaultTemplate, names: readonly string[]): readonly string[] {
  return ofType(template, 'AWS::Lambda::Function').flatMap(({ properties }) =>
    members(at(properties, 'Environment', 'Variables')).flatMap(([name, value]) =>
      names.includes(name) && typeof value === 'string' ? [value] : [],
    ),
  );
}
