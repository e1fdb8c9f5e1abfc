import * as iam from 'aws-cdk-lib/aws-iam';
import { IDENTITY_TOKEN_SECONDS } from '../../lambda/contract/elsewhere';
import { IDENTITY_TOKEN } from './actions';
import { render } from './final-template';

/** A function and its role. */
interface Caller {
  readonly functionArn: string;
  readonly role: iam.IRole;
}

/** A network that may have an endpoint for STS. */
interface Network {
  _allowIdentityTokens(principalArns: string[], audiences: readonly string[]): void;
}

/** Statement id of the permission in a role's policy. The statements of further audiences have numbers from 2. */
const SID = 'AllowIdentityToken';

/** Beginning of Google Cloud's audiences. */
const GOOGLE = '//iam.googleapis.com/';
/** Length that Google Cloud allows for a subject, in bytes. */
const SUBJECT_BYTES = 127;
/** A role's ARN up to its path, in the partition with the longest name of those that Google's tokens are used in. */
const LONGEST_ARN = 'arn:aws-us-gov:iam::123456789012:role';
/** A name of IAM's longest, as CloudFormation may choose it. */
const LONGEST_NAME = 'r'.repeat(64);

/**
 * Lets a function get web identity tokens of AWS STS for these audiences, also through the network's endpoint. Only the
 * function itself can use the permission: its credentials are of no use elsewhere.
 */
export function allowIdentityTokens(fn: Caller, network: Network, audiences: readonly string[]): void {
  const distinct = [...new Set(audiences)];
  const itself = [fn.functionArn, `${fn.functionArn}:*`];
  const statements = identityTokenStatements(distinct, {
    sid: SID,
    conditions: { ArnLike: { 'lambda:SourceFunctionArn': itself } },
  });
  for (const statement of statements) fn.role.addToPrincipalPolicy(statement);
  network._allowIdentityTokens([fn.role.roleArn], distinct);
  if (distinct.some((audience) => audience.startsWith(GOOGLE))) guardSubject(fn);
}

/** Checks at synth that Google accepts the role's ARN as a subject: after aspects and escape hatches. */
function guardSubject({ role }: Caller): void {
  role.node.addValidation({
    validate: () => {
      const { Properties = {} } = render(role.node.defaultChild as iam.CfnRole);
      const { Path = '/', RoleName = LONGEST_NAME } = Properties;
      if (typeof Path !== 'string' || typeof RoleName !== 'string') return [];
      const bytes = Buffer.byteLength(`${LONGEST_ARN}${Path}${RoleName}`);
      if (bytes <= SUBJECT_BYTES) return [];
      return [
        `expected a role with an ARN of at most ${SUBJECT_BYTES} bytes, which Google Cloud accepts as a subject, got one of up to ${bytes}: undo the aspect or override that changed its path or name`,
      ];
    },
  });
}

/**
 * Returns the statements that allow web identity tokens of AWS STS: short-lived, signed with RSA, for one of these
 * audiences. Each audience has a statement of its own: a token for two of them would let the service that gets it act at
 * the other one. The action supports no resources.
 */
export function identityTokenStatements(
  audiences: readonly string[],
  { sid, principals, conditions }: Pick<iam.PolicyStatementProps, 'sid' | 'principals' | 'conditions'> = {},
): readonly iam.PolicyStatement[] {
  return audiences.map(
    (audience, place) =>
      new iam.PolicyStatement({
        sid: sid === undefined || place === 0 ? sid : `${sid}${place + 1}`,
        principals,
        actions: [IDENTITY_TOKEN],
        resources: ['*'],
        conditions: { ...conditions, ...identityTokenConditions(audience) },
      }),
  );
}

/**
 * Returns the conditions of a request for a token. `ForAllValues` is also true for a request without an audience, which
 * `Null` refuses; `ForAnyValue` would accept foreign audiences beside an allowed one.
 */
function identityTokenConditions(audience: string): Readonly<Record<string, Record<string, unknown>>> {
  return {
    'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': [audience] },
    Null: { 'sts:IdentityTokenAudience': 'false' },
    NumericLessThanEquals: { 'sts:DurationSeconds': String(IDENTITY_TOKEN_SECONDS) },
    StringEquals: { 'sts:SigningAlgorithm': 'RS256' },
  };
}
