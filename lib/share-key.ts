import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { CANARY_CONTEXT } from '../lambda/contract/canary-context';
import { CONTEXT_NAMES, FIELDS } from '../lambda/contract/kinds';
import { KEY_OPEN, KEY_ROTATION, KEY_SEAL } from './private/actions';
import { requireEnvironment, requireRemovalPolicy, requireRotation } from './private/checks';
import { guardTemplate } from './private/final-template';
import { keyGrant } from './private/key-grant';
import { ENVIRONMENT_TAG } from './private/names';
import { requireVpc } from './private/network-checks';
import { createKey } from './private/own-key';
import { OwnShareKey } from './private/own-share-key';
import type { IRecordKey } from './record-key';

type Conditions = Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;

/** Props of `ShareKey`. */
export interface ShareKeyProps {
  /** Environment of the vault that this key serves. The key can only seal or open records of this environment. */
  readonly environment: string;

  /**
   * Interval at which KMS rotates the key's material, 90 to 2,560 days. Earlier records can still be opened.
   *
   * @default Duration.days(90)
   */
  readonly rotationPeriod?: Duration;

  /**
   * The only network from which the key can be used. Set it only if the network has a KMS endpoint: calls that use
   * another way carry no source network.
   *
   * @default - any network; the vault's own network only, if the vault creates a KMS endpoint there
   */
  readonly sourceVpc?: ec2.IVpc;

  /**
   * Removal policy of the key. Without the key no record can be opened.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The KMS key that wraps the data keys of one vault's records. Its policy lets named roles seal or open, each by a
 * separate statement, and only under the complete encryption context of this environment. The account administers the
 * key and can't use it.
 */
export class ShareKey extends Construct implements IRecordKey {
  /**
   * Returns the key that a vault without `shareKey` creates, for `retiringShareKeys` of that vault once it has a
   * `shareKey`.
   */
  public static ofVault(): IRecordKey {
    return new OwnShareKey();
  }

  /** Provider id of the key in sealed messages. */
  public readonly providerId = 'aws-kms';
  /** Environment of the vault. */
  public readonly environment: string;
  /** ARN of the key. */
  public readonly keyArn: string;
  /** Id of the key. */
  public readonly keyId: string;
  /** @internal */
  public readonly _rotationPeriod: Duration;
  /** @internal */
  public readonly _removalPolicy: RemovalPolicy;
  private readonly key: kms.Key;
  private sourceVpc: ec2.IVpc | undefined;
  /** by statement id; further roles are added to a statement, since a policy needs unique ids */
  private readonly statements = new Map<string, iam.PolicyStatement>();
  private owner?: Construct;

  constructor(scope: Construct, id: string, props: ShareKeyProps) {
    super(scope, id);
    const { rotationPeriod = Duration.days(90), removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE } = props;
    requireEnvironment(props.environment);
    requireRotation(rotationPeriod);
    requireRemovalPolicy(removalPolicy);
    if (props.sourceVpc !== undefined) requireVpc(props.sourceVpc, 'sourceVpc');
    guardTemplate(this, removalPolicy);
    Tags.of(this).add(ENVIRONMENT_TAG, props.environment);

    this.key = createKey(this, {
      description: `share vault ${props.environment}: wraps the data keys of its records`,
      enableKeyRotation: true,
      rotationPeriod,
      furtherAdministration: KEY_ROTATION,
      removalPolicy,
    });
    this.environment = props.environment;
    this.keyArn = this.key.keyArn;
    this.keyId = this.key.keyId;
    this.sourceVpc = props.sourceVpc;
    this._rotationPeriod = rotationPeriod;
    this._removalPolicy = removalPolicy;
  }

  /** Lets a role of the account wrap new data keys for this environment's records, and nothing else. */
  public grantSeal(role: iam.IRole): iam.Grant {
    return this.allow('AllowSeal', role, [KEY_SEAL]);
  }

  /** Lets a role of the account unwrap the data keys of this environment's records, and nothing else. */
  public grantUnseal(role: iam.IRole): iam.Grant {
    return this.allow('AllowUnseal', role, [KEY_OPEN]);
  }

  /**
   * Lets a role of the account unwrap data keys of this environment's records and wrap new ones. Only the function that
   * reseals needs both.
   */
  public grantReseal(role: iam.IRole): iam.Grant {
    return this.allow('AllowReseal', role, [KEY_OPEN, KEY_SEAL]);
  }

  /**
   * Lets a role of the account wrap and unwrap data keys of canaries, to check restored backups. Their
   * encryption context is none of a record.
   */
  public grantRestoreCheck(role: iam.IRole): iam.Grant {
    return this.allow('AllowRestoreCheck', role, [KEY_OPEN, KEY_SEAL], this.canaryConditions());
  }

  /**
   * Lets a role of the account unwrap data keys of canaries, and nothing else. A key that only opens needs it to check
   * backups from before a replacement of the share key.
   */
  public grantOpenCanary(role: iam.IRole): iam.Grant {
    return this.allow('AllowOpenCanary', role, [KEY_OPEN], this.canaryConditions());
  }

  /**
   * Marks the key as owned by one vault: a key never serves two. A network that certainly has a KMS endpoint becomes
   * the key's source network.
   *
   * @internal
   */
  public _claim(vault: Construct, sourceVpc: ec2.IVpc | undefined): void {
    if (this.owner && this.owner !== vault) {
      throw new Error(`shareKey: expected a key of the vault's own, got that of ${this.owner.node.path}`);
    }
    this.owner = vault;
    this.sourceVpc ??= sourceVpc;
  }

  private allow(
    sid: string,
    role: iam.IRole,
    actions: string[],
    conditions = this.conditions({ 'kms:EncryptionContext:field': Object.values(FIELDS).sort() }, CONTEXT_NAMES),
  ): iam.Grant {
    return keyGrant(this.key, role, () => {
      const statement = this.statements.get(sid) ?? this.addStatement(sid, actions, conditions);
      // the L2 key's own grants would write to the role only, and this key's policy ignores the role's policy
      statement.addPrincipals(new iam.ArnPrincipal(role.roleArn));
      return statement;
    });
  }

  private addStatement(sid: string, actions: string[], conditions: Conditions): iam.PolicyStatement {
    const statement = new iam.PolicyStatement({ sid, actions, resources: ['*'], conditions });
    this.statements.set(sid, statement);
    this.key.addToResourcePolicy(statement);
    return statement;
  }

  private canaryConditions(): Conditions {
    return this.conditions({ 'kms:EncryptionContext:kind': CANARY_CONTEXT.kind }, CANARY_CONTEXT.names);
  }

  /** Returns the conditions for a complete encryption context: these values, and exactly these names. */
  private conditions(values: Readonly<Record<string, string | string[]>>, names: readonly string[]): Conditions {
    return {
      StringEquals: {
        'kms:EncryptionContext:environment': this.environment,
        ...values,
        ...(this.sourceVpc && { 'aws:SourceVpc': this.sourceVpc.vpcId }),
      },
      // refuse further pairs …
      'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': [...names] },
      // … and missing ones: the condition above also holds for a call without any pair
      Null: Object.fromEntries(names.map((key) => [`kms:EncryptionContext:${key}`, 'false'])),
    };
  }
}
