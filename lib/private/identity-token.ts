import * as iam from 'aws-cdk-lib/aws-iam';
import { IDENTITY_TOKEN_SECONDS } from '../../lambda/contract/elsewhere';
import { IDENTITY_TOKEN } from './actions';

/** Statement id of the permission, in a role's policy and in the policy of the endpoint. */
const SID = 'AllowIdentityToken';

/**
 * Returns the statement that allows web identity tokens of AWS STS for these audiences only: short-lived, signed with
 * RSA. The action supports no resources.
 */
export function identityTokenStatement(
  audiences: readonly string[],
  forPrincipals: Pick<iam.PolicyStatementProps, 'principals' | 'conditions'> = {},
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: SID,
    principals: forPrincipals.principals,
    actions: [IDENTITY_TOKEN],
    resources: ['*'],
    conditions: { ...identityTokenConditions(audiences), ...forPrincipals.conditions },
  });
}

/**
 * Returns the conditions of a request for a token. `ForAllValues` is also true for a request without an audience, which
 * `Null` refuses; `ForAnyValue` would accept foreign audiences beside an allowed one.
 */
function identityTokenConditions(audiences: readonly string[]): Readonly<Record<string, Record<string, unknown>>> {
  return {
    'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': [...audiences] },
    Null: { 'sts:IdentityTokenAudience': 'false' },
    NumericLessThanEquals: { 'sts:DurationSeconds': String(IDENTITY_TOKEN_SECONDS) },
    StringEquals: { 'sts:SigningAlgorithm': 'RS256' },
  };
}
