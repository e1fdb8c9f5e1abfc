import { CfnOutput, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { KEY_DISABLE } from './private/actions';
import { refuse, requireFlag, requireMembers } from './private/checks';
import { emergencyStopRules } from './private/emergency-stop-rules';
import { EMERGENCY_PATH } from './private/names';
import { VaultRole } from './private/vault-role';
import { createWatchRule } from './private/watch-rule';
import type { ShareVault } from './share-vault';

/** Props of `EmergencyStop`. */
export interface EmergencyStopProps {
  /** Vault with a share key in AWS KMS, in the same stack. */
  readonly vault: ShareVault;

  /** Who may assume the role: the people on call, for example a role of theirs. Never everyone. */
  readonly assumedBy: iam.IPrincipal;

  /**
   * Whether the role can be assumed only in a session with multi-factor authentication. Sessions of IAM users tell AWS
   * about theirs; those of IAM Identity Center and of other identity providers don't, and could not assume the role.
   *
   * @default false
   */
  readonly requireMfa?: boolean;
}

/**
 * A role that disables the share keys of a vault, those that only open included, and can do nothing else: no other
 * action is allowed to it, whoever grants it. Then nothing in AWS opens or seals a record, whatever credentials a thief
 * has, until somebody else enables the keys. Reports to the vault's alarm topic when the role is assumed in the vault's
 * region, or calls KMS, and adds outputs with the ARNs of the role and of the keys. Keys outside AWS are disabled there.
 */
export class EmergencyStop extends Construct {
  /** Role that disables the keys. */
  public readonly role: iam.IRole;
  /** ARN of the role. */
  public readonly roleArn: string;
  /** ARNs of the keys: the one that seals first. */
  public readonly keyArns: string[];

  constructor(scope: Construct, id: string, props: EmergencyStopProps) {
    super(scope, id);
    const { vault, requireMfa = false } = props;
    requireFlag('requireMfa', requireMfa);
    if (Stack.of(vault) !== Stack.of(this)) throw new Error('vault: expected one of the same stack, got another stack');
    this.keyArns = vault.keys._records.openingKeyArns;
    if (this.keyArns.length === 0) {
      throw new Error('vault: expected one with a share key in AWS KMS, got only keys outside AWS: disable them there');
    }
    const { environment, alarmTopic: topic } = vault;
    const role = new VaultRole(this, 'Role', {
      description: `share vault ${environment}: disables the share keys`,
      path: EMERGENCY_PATH,
      assumedBy: trusted(props.assumedBy, requireMfa),
    });
    role.addToPrincipalPolicy(
      // the policies of the keys leave their administration to the account
      new iam.PolicyStatement({ sid: 'AllowDisableKey', actions: [KEY_DISABLE], resources: this.keyArns }),
    );
    role.addToPrincipalPolicy(
      // also what a later grant, or a policy of another resource, would allow
      new iam.PolicyStatement({
        sid: 'DenyAllElse',
        effect: iam.Effect.DENY,
        notActions: [KEY_DISABLE],
        resources: ['*'],
      }),
    );
    this.role = role;
    this.roleArn = role.roleArn;
    new CfnOutput(this, 'RoleArn', {
      description: 'role that disables the share keys, and can do nothing else',
      value: this.roleArn,
    });
    new CfnOutput(this, 'KeyArns', {
      description: 'share keys that the role disables, with spaces between them',
      value: this.keyArns.join(' '),
    });
    for (const rule of emergencyStopRules(this, role)) createWatchRule(this, { environment, topic }, rule);
  }
}

/** Returns the principal with its conditions. Throws for everyone: a stranger could stop the vault. */
function trusted(assumedBy: iam.IPrincipal, requireMfa: boolean): iam.IPrincipal {
  requireMembers('assumedBy', assumedBy, 'a principal such as new iam.ArnPrincipal(…)', ['policyFragment']);
  const named = Object.values(assumedBy.policyFragment.principalJson).flat();
  if (named.includes('*')) refuse('assumedBy', 'named principals', '*');
  if (!requireMfa) return assumedBy;
  return new iam.PrincipalWithConditions(assumedBy, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } });
}
