import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { KEY_ADMINISTRATION, KEY_CREATE_GRANT, KEY_PUT_POLICY, KEY_SCHEDULE_DELETION } from './actions';

/** Days between the request to delete a key and the loss of everything that it sealed: KMS's maximum. */
export const DELETION_WINDOW_DAYS = 30;

/**
 * Returns the base of every key's policy: the account administers the key and can't use it, and three actions are
 * denied to everyone. An identity with `*:*` thus has no data operation: KMS requires the key policy to allow one, and
 * it does not.
 */
export function baseKeyPolicy(scope: IConstruct, furtherAdministration: readonly string[]): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        sid: 'AllowAccountAdministration',
        principals: [accountRoot(scope)],
        // KMS refuses a policy that locks its caller out: kms:PutKeyPolicy must remain in this list
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
