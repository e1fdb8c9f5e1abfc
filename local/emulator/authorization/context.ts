import type { Context } from './document';
import { type Principal, isService } from './request';
import { keysSentBy } from './service-principals';

/** The values of a call's input that condition keys can refer to. `awsActions` reads them. */
export interface InputFacts {
  /** pairs of a KMS call's encryption context @default - none */
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
  readonly encryptionAlgorithm?: string | undefined;
  /** `alias/NAME`, if the request names the key by an alias */
  readonly requestAlias?: string | undefined;
  readonly reEncryptOnSameKey?: boolean | undefined;
  readonly pendingWindowInDays?: number | undefined;
  readonly bypassLockoutSafetyCheck?: boolean | undefined;
  readonly grantIsForAwsResource?: boolean | undefined;
  readonly tagKeys?: readonly string[] | undefined;
  /** as in the request: an ARN or a name */
  readonly secretId?: string | undefined;
  readonly secretKmsKeyId?: string | undefined;
  readonly secretVersionId?: string | undefined;
  readonly secretVersionStage?: string | undefined;
  readonly parametersRecursive?: boolean | undefined;
  readonly roleSessionName?: string | undefined;
  readonly externalId?: string | undefined;
  readonly identityTokenAudience?: readonly string[] | undefined;
  readonly durationSeconds?: number | undefined;
  readonly signingAlgorithm?: string | undefined;
  readonly s3Prefix?: string | undefined;
  readonly s3IfNoneMatch?: string | undefined;
  readonly objectLockMode?: string | undefined;
  /** ISO 8601 */
  readonly objectLockUntil?: string | undefined;
}

/** The facts of a call that condition keys can refer to. A fact that is left out has no key in the context. */
export interface CallFacts {
  readonly principal: Principal;
  /** `kms:Decrypt` */
  readonly action: string;
  readonly region: string;
  readonly input?: InputFacts | undefined;
  readonly principalTags?: Readonly<Record<string, string>> | undefined;
  readonly resourceTags?: Readonly<Record<string, string>> | undefined;
  /** the service that calls for the principal, such as `secretsmanager`; the call then uses no VPC endpoint */
  readonly viaService?: string | undefined;
  /** `vpc-…`, of the endpoint that the call goes through */
  readonly sourceVpc?: string | undefined;
  /** `vpce-…`, of the endpoint itself */
  readonly sourceVpce?: string | undefined;
  /** the unqualified ARN of the function that signs the call with its credentials */
  readonly sourceFunctionArn?: string | undefined;
  /** the resource that a service calls for; `service-principals.ts` lists the services that send it */
  readonly sourceArn?: string | undefined;
  /** the account of that resource */
  readonly sourceAccount?: string | undefined;
  /** time of issue of the session's credentials */
  readonly tokenIssuedAt?: Date | undefined;
  /** the time of the call */
  readonly at?: Date | undefined;
}

type Draft = Readonly<Record<string, string | readonly string[] | boolean | number | undefined>>;

/**
 * Returns the condition keys of a call with the values that AWS would set. Throws `AuthorizationError` if a service
 * principal makes a call that `service-principals.ts` doesn't list.
 */
export function callContext(facts: CallFacts): Context {
  const source = sourceKeys(facts);
  return definedValues({
    ...callerKeys(facts),
    ...connectionKeys(facts),
    ...source,
    ...inputKeys(facts.input ?? {}),
    ...tagKeys(facts),
  });
}

/** Returns the source of a service's call. Only services have a source, and some services don't send it. */
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

/** Actions without a key. They have no condition key for the caller. */
const KMS_WITHOUT_CALLER: ReadonlySet<string> = new Set(['kms:ListKeys', 'kms:ListAliases', 'kms:GenerateRandom']);

function typeOf(arn: string): string {
  if (arn.includes(':assumed-role/')) return 'AssumedRole';
  return arn.endsWith(':root') ? 'Account' : 'User';
}

function connectionKeys(facts: CallFacts): Draft {
  const { region, viaService, at } = facts;
  return {
    // the local endpoint uses plain HTTP on loopback; in AWS the same call would use TLS
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
    // if there are no pairs, AWS omits the key
    'kms:EncryptionContextKeys': pairs.length === 0 ? undefined : pairs.map(([name]) => name).sort(),
    'kms:EncryptionAlgorithm': input.encryptionAlgorithm,
    'kms:RequestAlias': input.requestAlias,
    'kms:ReEncryptOnSameKey': input.reEncryptOnSameKey,
    'kms:ScheduleKeyDeletionPendingWindowInDays': input.pendingWindowInDays,
    'kms:BypassPolicyLockoutSafetyCheck': input.bypassLockoutSafetyCheck,
    'kms:GrantIsForAWSResource': input.grantIsForAwsResource,
    'aws:TagKeys': input.tagKeys,
    'secretsmanager:SecretId': input.secretId,
    'secretsmanager:KmsKeyId': input.secretKmsKeyId,
    'secretsmanager:VersionId': input.secretVersionId,
    'secretsmanager:VersionStage': input.secretVersionStage,
    'ssm:Recursive': input.parametersRecursive,
    'sts:RoleSessionName': input.roleSessionName,
    'sts:ExternalId': input.externalId,
    'sts:IdentityTokenAudience': input.identityTokenAudience,
    'sts:DurationSeconds': input.durationSeconds,
    'sts:SigningAlgorithm': input.signingAlgorithm,
    's3:prefix': input.s3Prefix,
    's3:if-none-match': input.s3IfNoneMatch,
    's3:object-lock-mode': input.objectLockMode,
    's3:object-lock-retain-until-date': input.objectLockUntil,
  };
}

function tagKeys({ principalTags = {}, resourceTags = {} }: CallFacts): Draft {
  return {
    ...Object.fromEntries(Object.entries(principalTags).map(([tag, value]) => [`aws:PrincipalTag/${tag}`, value])),
    ...Object.fromEntries(Object.entries(resourceTags).map(([tag, value]) => [`aws:ResourceTag/${tag}`, value])),
  };
}

function definedValues(draft: Draft): Context {
  return Object.fromEntries(
    Object.entries(draft).flatMap(([key, value]) => {
      if (value === undefined) return [];
      return [[key, typeof value === 'object' ? value : String(value)] as const];
    }),
  );
}
