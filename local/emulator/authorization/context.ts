import type { Context } from './document';
import { type Principal, isService } from './request';
import { keysSentBy } from './service-principals';

/** What of a call's input policies can speak of; `awsActions` reads it. */
export interface InputFacts {
  /** pairs of a KMS call's encryption context @default - none */
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
  readonly encryptionAlgorithm?: string | undefined;
  /** `alias/NAME`, where a key is named by it */
  readonly requestAlias?: string | undefined;
  readonly reEncryptOnSameKey?: boolean | undefined;
  readonly pendingWindowInDays?: number | undefined;
  readonly bypassLockoutSafetyCheck?: boolean | undefined;
  readonly grantIsForAwsResource?: boolean | undefined;
  readonly tagKeys?: readonly string[] | undefined;
  /** as the request has it: an ARN or a name */
  readonly secretId?: string | undefined;
  readonly secretVersionId?: string | undefined;
  readonly secretVersionStage?: string | undefined;
  readonly parametersRecursive?: boolean | undefined;
  readonly roleSessionName?: string | undefined;
  readonly externalId?: string | undefined;
}

/** Everything about a call that policies can speak of, in plain words. What is left out is missing from the context. */
export interface CallFacts {
  readonly principal: Principal;
  /** `kms:Decrypt` */
  readonly action: string;
  readonly region: string;
  readonly input?: InputFacts | undefined;
  readonly principalTags?: Readonly<Record<string, string>> | undefined;
  readonly resourceTags?: Readonly<Record<string, string>> | undefined;
  /** the service that asks for the principal, as `secretsmanager`; such a call passes no endpoint of the principal's */
  readonly viaService?: string | undefined;
  /** `vpc-…`, of the endpoint that the call passes */
  readonly sourceVpc?: string | undefined;
  /** `vpce-…`, the endpoint itself */
  readonly sourceVpce?: string | undefined;
  /** unqualified: the function whose credentials sign the call */
  readonly sourceFunctionArn?: string | undefined;
  /** the resource, and its account, for which a service calls by itself; what of it the service sends is in its table */
  readonly sourceArn?: string | undefined;
  readonly sourceAccount?: string | undefined;
  /** when the session's credentials were made */
  readonly tokenIssuedAt?: Date | undefined;
  /** when the call came */
  readonly at?: Date | undefined;
}

type Draft = Readonly<Record<string, string | readonly string[] | boolean | number | undefined>>;

/**
 * The condition keys of a call, as AWS would fill them in. Throws `AuthorizationError` for a service principal's call
 * that no document describes.
 */
export function callContext(facts: CallFacts): Context {
  const source = sourceKeys(facts);
  return said({
    ...callerKeys(facts),
    ...wayKeys(facts),
    ...source,
    ...inputKeys(facts.input ?? {}),
    ...tagKeys(facts),
  });
}

/** The source of a service's call: only services have one, and not each of them sends it. */
function sourceKeys({ principal, action, sourceArn, sourceAccount }: CallFacts): Draft {
  if (!isService(principal)) return {};
  const sent = keysSentBy(principal.arn, action);
  const keys = { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': sourceAccount };
  return Object.fromEntries(Object.entries(keys).filter(([key]) => sent.has(key.toLowerCase())));
}

function callerKeys({ principal, action, tokenIssuedAt }: CallFacts): Draft {
  const service = isService(principal);
  if (service) {
    return { 'aws:PrincipalIsAWSService': true, 'aws:PrincipalServiceName': principal.arn };
  }
  return {
    'aws:PrincipalArn': principal.roleArn,
    'aws:PrincipalAccount': principal.account,
    'aws:PrincipalIsAWSService': false,
    'aws:PrincipalType': typeOf(principal.arn),
    'aws:TokenIssueTime': tokenIssuedAt?.toISOString(),
    ...(action.startsWith('kms:') && !KMS_WITHOUT_CALLER.has(action) && { 'kms:CallerAccount': principal.account }),
  };
}

/** Actions about no key, which know nothing of their caller. */
const KMS_WITHOUT_CALLER: ReadonlySet<string> = new Set(['kms:ListKeys', 'kms:ListAliases', 'kms:GenerateRandom']);

function typeOf(arn: string): string {
  if (arn.includes(':assumed-role/')) return 'AssumedRole';
  return arn.endsWith(':root') ? 'Account' : 'User';
}

function wayKeys(facts: CallFacts): Draft {
  const { region, viaService, at } = facts;
  return {
    // a local endpoint speaks plain HTTP on loopback; what would run in AWS does not
    'aws:SecureTransport': true,
    'aws:RequestedRegion': region,
    'aws:ViaAWSService': viaService !== undefined,
    'kms:ViaService': viaService && `${viaService}.${region}.amazonaws.com`,
    'aws:SourceVpc': facts.sourceVpc,
    'aws:SourceVpce': facts.sourceVpce,
    'lambda:SourceFunctionArn': facts.sourceFunctionArn,
    'aws:CurrentTime': at?.toISOString(),
    'aws:EpochTime': at && Math.floor(at.getTime() / 1000),
  };
}

function inputKeys(input: InputFacts): Draft {
  const pairs = Object.entries(input.encryptionContext ?? {});
  return {
    ...Object.fromEntries(pairs.map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
    // without any pair the key is missing, not empty
    'kms:EncryptionContextKeys': pairs.length === 0 ? undefined : pairs.map(([name]) => name).sort(),
    'kms:EncryptionAlgorithm': input.encryptionAlgorithm,
    'kms:RequestAlias': input.requestAlias,
    'kms:ReEncryptOnSameKey': input.reEncryptOnSameKey,
    'kms:ScheduleKeyDeletionPendingWindowInDays': input.pendingWindowInDays,
    'kms:BypassPolicyLockoutSafetyCheck': input.bypassLockoutSafetyCheck,
    'kms:GrantIsForAWSResource': input.grantIsForAwsResource,
    'aws:TagKeys': input.tagKeys,
    'secretsmanager:SecretId': input.secretId,
    'secretsmanager:VersionId': input.secretVersionId,
    'secretsmanager:VersionStage': input.secretVersionStage,
    'ssm:Recursive': input.parametersRecursive,
    'sts:RoleSessionName': input.roleSessionName,
    'sts:ExternalId': input.externalId,
  };
}

function tagKeys({ principalTags = {}, resourceTags = {} }: CallFacts): Draft {
  return {
    ...Object.fromEntries(Object.entries(principalTags).map(([tag, value]) => [`aws:PrincipalTag/${tag}`, value])),
    ...Object.fromEntries(Object.entries(resourceTags).map(([tag, value]) => [`aws:ResourceTag/${tag}`, value])),
  };
}

function said(draft: Draft): Context {
  return Object.fromEntries(
    Object.entries(draft).flatMap(([key, value]) => {
      if (value === undefined) return [];
      return [[key, typeof value === 'object' ? value : String(value)] as const];
    }),
  );
}
