import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Annotations, Arn, ArnFormat, type Duration, type RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { LIMITS } from '../lambda/contract/limits';
import { refuse, requireEnvironment, requireKid, requireList, requireObject } from './private/checks';
import { parameterName } from './private/names';
import { RecordKeys } from './private/record-keys';
import { retiringKeysOf } from './private/retiring-keys';
import { shareKeyOf } from './private/share-key-choice';
import type { RecordKeyOptions } from './record-key-options';
import { RsaKey, RsaKeyPurpose } from './rsa-key';
import { ShareKey } from './share-key';

/** Props of `VaultKeys`. */
export interface VaultKeysProps extends RecordKeyOptions {
  /** Environment of the vault. */
  readonly environment: string;

  /**
   * Interval at which KMS rotates the share key's material.
   *
   * @default Duration.days(90)
   */
  readonly rotationPeriod?: Duration;

  /**
   * Removal policy of the keys.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The only network from which the share key can be used.
   *
   * @default - any
   */
  readonly sourceVpc?: ec2.IVpc;

  /** Names of the keys that backends encrypt to. */
  readonly intakeKeyIds: string[];
  /** Names of the keys that Dynamic encrypts to. An empty list only if there are `privateKeys`. */
  readonly webhookKeyIds: string[];

  /**
   * Secrets with private keys, by name. Dynamic already knows their public keys.
   *
   * @default - none
   */
  readonly privateKeys?: Readonly<Record<string, secretsmanager.ISecret>>;
}

/** The keys of one vault that can open data, and the parameters by which senders find the public keys. */
export class VaultKeys extends Construct {
  /** Keys that backends encrypt to. */
  public readonly intakeKeys: RsaKey[];
  /** Keys that Dynamic encrypts to. */
  public readonly webhookKeys: RsaKey[];
  /** Secrets with private keys that Dynamic encrypts to, by name, in addition to `webhookKeys`. */
  public readonly privateKeys: Readonly<Record<string, secretsmanager.ISecret>>;
  /** @internal */
  public readonly _records: RecordKeys;

  constructor(scope: Construct, id: string, props: VaultKeysProps) {
    super(scope, id);
    const { environment, removalPolicy } = props;
    requireEnvironment(environment);
    requireList('intakeKeyIds', props.intakeKeyIds);
    requireList('webhookKeyIds', props.webhookKeyIds);
    if (props.privateKeys !== undefined) requireSecrets(props.privateKeys);
    this._records = this.createRecordKeys(props);
    for (const key of this._records.keysInAws) key._claim(this, props.sourceVpc);
    const keys = (purpose: RsaKeyPurpose, kids: string[]): RsaKey[] =>
      kids.map((kid) => {
        const key = new RsaKey(this, `${purpose}-${kid}`, { environment, purpose, kid, removalPolicy });
        new ssm.StringParameter(key, 'Parameter', {
          parameterName: parameterName(environment, 'keys', purpose, kid),
          description: 'ARN of the key that senders encrypt to',
          stringValue: key.keyArn,
        });
        return key;
      });
    this.privateKeys = props.privateKeys ?? {};
    const privateKids = Object.keys(this.privateKeys);
    requireLive('intakeKeyIds', props.intakeKeyIds);
    requireLive(privateKids.length > 0 ? 'webhookKeyIds and privateKeys' : 'webhookKeyIds', [
      ...props.webhookKeyIds,
      ...privateKids,
    ]);
    this.requirePrivateKeys();
    this.intakeKeys = keys(RsaKeyPurpose.INTAKE, props.intakeKeyIds);
    this.webhookKeys = keys(RsaKeyPurpose.WEBHOOK, props.webhookKeyIds);
    for (const [kid, secretArn] of Object.entries(this._privateKeyArns())) {
      new ssm.StringParameter(this, `Parameter-${kid}`, {
        parameterName: parameterName(environment, 'keys', RsaKeyPurpose.WEBHOOK, kid),
        description: 'ARN of the secret that holds the private key',
        stringValue: secretArn,
      });
    }
    this.publishRecoveryKeys(environment);
  }

  /** Key in AWS KMS that wraps the data keys of all records. Throws for a vault that has none. */
  public get shareKey(): ShareKey {
    const { shareKey } = this._records;
    if (shareKey) return shareKey;
    throw new Error('keys.shareKey: expected a vault with a share key in AWS KMS, got one with an ExternalKey');
  }

  /**
   * Returns the keys that open data from backends: kid to key ARN.
   *
   * @internal
   */
  public _intakeKeyArns(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.intakeKeys.map((key) => [key.kid, key.keyArn]));
  }

  /**
   * Returns the keys that open Dynamic's deliveries: kid to key ARN.
   *
   * @internal
   */
  public _webhookKeyArns(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.webhookKeys.map((key) => [key.kid, key.keyArn]));
  }

  /**
   * Returns the secrets of private keys: kid to complete secret ARN.
   *
   * @internal
   */
  public _privateKeyArns(): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.entries(this.privateKeys).map(([kid, secret]) => [kid, completeArn(kid, secret)]));
  }

  private createRecordKeys(props: VaultKeysProps): RecordKeys {
    const given = props.shareKey;
    // the same id whether it seals or retires: another one would be another key
    const own = () => new ShareKey(this, 'ShareKey', props);
    const shareKey = given === undefined ? own() : shareKeyOf(this, given, props);
    return new RecordKeys(shareKey, retiringKeysOf(this, props, own), props);
  }

  /** Publishes the fingerprints of the recovery keys, and prints the statement of a changed list. */
  private publishRecoveryKeys(environment: string): void {
    const { recovery, fingerprints, digest, isStated } = this._records;
    if (recovery.length === 0) return;
    new ssm.StringParameter(this, 'RecoveryKeys', {
      parameterName: parameterName(environment, 'recovery-keys'),
      description: 'fingerprints of the keys that can open every new record, by name',
      stringValue: JSON.stringify(fingerprints),
    });
    if (isStated) return;
    Annotations.of(this).addInfoV2(
      'cdk-share-vault:recoveryKeysChange',
      `to deploy a changed list of recovery keys, set recoveryKeysChange: '${digest}'`,
    );
  }

  /**
   * Throws for a secret of another region, since the function calls Secrets Manager in its own region, and for one
   * secret under two names: that is a mistake, not a rotation.
   */
  private requirePrivateKeys(): void {
    const { region } = Stack.of(this);
    const kidOf = new Map<string, string>();
    for (const [kid, arn] of Object.entries(this._privateKeyArns())) {
      const other = Token.isUnresolved(arn) ? region : Arn.split(arn, ArnFormat.COLON_RESOURCE_NAME).region;
      if (!Token.isUnresolved(region) && other !== region) {
        throw new Error(`privateKeys: expected a secret of ${region} for ${kid}, got one of ${other}`);
      }
      const first = kidOf.get(arn);
      if (first !== undefined) {
        throw new Error(`privateKeys: expected a secret for each name, got the same one for ${first} and ${kid}`);
      }
      kidOf.set(arn, kid);
    }
  }
}

/** Throws unless there are 1 to 3 different names: a delivery that names no key is tried with each live key. */
function requireLive(name: string, kids: string[]): void {
  if (kids.length < 1 || kids.length > LIMITS.rsaCandidates) {
    throw new Error(`${name}: expected 1 to ${LIMITS.rsaCandidates} different names, got ${kids.length}`);
  }
  const twice = kids.find((kid, place) => kids.indexOf(kid) < place);
  if (twice !== undefined)
    throw new Error(`${name}: expected 1 to ${LIMITS.rsaCandidates} different names, got "${twice}" twice`);
  for (const kid of kids) requireKid(name, kid);
  requireDistinctIds(name, kids);
}

/**
 * Throws for names that result in the same logical id: ids keep only letters and digits, and the audit of the template
 * distinguishes keys by them.
 */
function requireDistinctIds(name: string, kids: readonly string[]): void {
  const plain = (kid: string) => kid.replace(/[^A-Za-z0-9]/g, '');
  for (const [place, kid] of kids.entries()) {
    if (plain(kid) === '') throw new Error(`${name}: expected a name with a letter or a digit, got "${kid}"`);
    const alike = kids.slice(0, place).find((other) => plain(other) === plain(kid));
    if (alike === undefined) continue;
    throw new Error(`${name}: expected names with different letters and digits, got "${alike}" and "${kid}"`);
  }
}

/**
 * Throws unless the ARN is complete: policies name one secret exactly, and an ARN without Secrets Manager's suffix
 * would need a pattern, or match nothing.
 */
function completeArn(kid: string, secret: secretsmanager.ISecret): string {
  const { secretFullArn } = secret;
  if (secretFullArn === undefined) {
    throw new Error(`privateKeys: expected a secret with a known complete ARN for ${kid}, got ${secret.node.path}`);
  }
  return secretFullArn;
}

/** Throws for a name without a secret: a JavaScript caller may pass nothing, or an ARN. */
function requireSecrets(secrets: unknown): void {
  requireObject('privateKeys', secrets);
  for (const [kid, secret] of Object.entries(secrets) as [string, unknown][]) {
    if (typeof secret !== 'object' || secret === null) refuse('privateKeys', `a secret for ${kid}`, secret);
  }
}
