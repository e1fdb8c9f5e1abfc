import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { KEY_ADMINISTRATION, KEY_CREATE_GRANT, KEY_PUT_POLICY, KEY_SCHEDULE_DELETION } from './actions';

/** Days between asking for a key's deletion and losing everything that it sealed: KMS's most. */
export const DELETION_WINDOW_DAYS = 30;

/**
 * Where every key's policy starts: the account administers the key and can't use it, and three doors are shut to
 * everyone. An identity with `*:*` thus gets no data operation: KMS asks the key policy for one, and it has none.
 */
export function baseKeyPolicy(scope: IConstruct, furtherAdministration: readonly string[]): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        sid: 'AllowAccountAdministration',
        principals: [accountRoot(scope)],
        // KMS refuses a policy that locks its caller out: kms:PutKeyPolicy has to stay among these
        actions: [...KEY_ADMINISTRATION, ...furtherAdministration],
        resources: ['*'],
      }),
      new iam.PolicyStatement({
        sid: 'DenyShortDeletionWindow',
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: [KEY_SCHEDULE_DELETION],
        resources: ['*'],
        conditions: { NumericLessThan: { 'kms:ScheduleKeyDeletionPendingWindowInDays': String(DELETION_WINDOW_DAYS) } },
      }),
      new iam.PolicyStatement({
        sid: 'DenyLockoutCheckBypass',
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: [KEY_PUT_POLICY],
        resources: ['*'],
        conditions: { Bool: { 'kms:BypassPolicyLockoutSafetyCheck': 'true' } },
      }),
      new iam.PolicyStatement({
        sid: 'DenyGrantsUnlessForAwsServices',
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: [KEY_CREATE_GRANT],
        resources: ['*'],
        conditions: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
      }),
    ],
  });
}

export function accountRoot(scope: IConstruct): iam.IPrincipal {
  return new iam.AccountPrincipal(Stack.of(scope).account);
}
