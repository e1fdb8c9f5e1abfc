import { arn, REGION } from '../support/iam/physical';
import type { VaultPolicies } from '../support/iam/vault-policies';
import type { Ask } from './cell';

type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

const PAIRS = ['chain', 'environment', 'field', 'owner', 'record'];
const NO_PAIRS = Object.fromEntries(['', ...PAIRS].map((pair) => [pairKey(pair), undefined]));

/** What is wrong with a request for the share key, one thing each; the first is right. */
const SHARE_KEY_VARIANTS: Readonly<Record<string, Changes>> = {
  right: {},
  'other environment': { [pairKey('environment')]: 'other' },
  'other field': { [pairKey('field')]: 'password' },
  'no context': NO_PAIRS,
  'no owner': { [pairKey('owner')]: undefined, [pairKey('')]: PAIRS.filter((pair) => pair !== 'owner') },
  'a pair too many': { [pairKey('extra')]: 'x', [pairKey('')]: [...PAIRS, 'extra'] },
  'other network': { 'aws:SourceVpc': 'vpc-00000000000000000' },
  'no network': { 'aws:SourceVpc': undefined },
  'other function': { 'lambda:SourceFunctionArn': arn('lambda', 'function:other') },
  'no function': { 'lambda:SourceFunctionArn': undefined },
};

const RSA_VARIANTS: Readonly<Record<string, Changes>> = {
  right: {},
  'other algorithm': { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_1' },
  'other function': { 'lambda:SourceFunctionArn': arn('lambda', 'function:other') },
  'no function': { 'lambda:SourceFunctionArn': undefined },
};

/** Everything sensitive that can be asked of a vault's keys. */
export function keyAsks(vault: VaultPolicies): readonly Ask[] {
  const share = new KeyAsks(vault, 'share key', 'VaultKeysShareKey');
  const storage = new KeyAsks(vault, 'storage key', 'VaultStorageKey');
  const rsa = [
    new KeyAsks(vault, 'intake key', 'VaultKeysintake'),
    new KeyAsks(vault, 'webhook key', 'VaultKeyswebhook'),
  ];
  const sealed = shareContext(vault);
  const through = (service: string) => ({
    'kms:ViaService': `${service}.${REGION}.amazonaws.com`,
    'aws:ViaAWSService': 'true',
    'aws:SourceVpc': undefined,
  });
  return [
    ...['kms:Decrypt', 'kms:GenerateDataKey'].flatMap((action) => share.each(action, sealed, SHARE_KEY_VARIANTS)),
    // what no service does: the role's own bond to its function does not cover what services do for it
    share.one('kms:Decrypt', 'through secretsmanager', { ...sealed, ...through('secretsmanager') }),
    ...OTHER_USES.map((action) => share.one(action, 'right', sealed)),
    ...rsa.flatMap((key) => [
      ...key.each('kms:Decrypt', { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' }, RSA_VARIANTS),
      key.one('kms:Encrypt', 'right', { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' }),
      key.one('kms:GetPublicKey', ''),
    ]),
    ...['kms:Decrypt', 'kms:GenerateDataKey'].flatMap((action) => [
      storage.one(action, 'directly', {}),
      storage.one(action, 'through rds', through('rds')),
      storage.one(action, 'through s3', through('s3')),
    ]),
    ...Object.entries({ master: vault.masterSecret(), signing: vault.signingSecret() }).map(([name, secretArn]) =>
      storage.one('kms:Decrypt', `for the ${name} secret`, {
        ...through('secretsmanager'),
        'kms:EncryptionContext:SecretARN': secretArn,
        'kms:EncryptionContextKeys': ['SecretARN'],
      }),
    ),
    ...[share, storage, ...rsa].flatMap((key) => key.administration()),
  ];
}

const OTHER_USES = [
  'kms:Encrypt',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:GenerateDataKeyPair',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** The encryption context of a record of this vault. */
function shareContext(vault: VaultPolicies): Changes {
  return {
    [pairKey('chain')]: 'EVM',
    [pairKey('environment')]: vault.environment,
    [pairKey('field')]: 'delegated_share',
    [pairKey('owner')]: 'b3duZXI',
    [pairKey('record')]: '018f0000-0000-7000-8000-000000000000',
    [pairKey('')]: PAIRS,
  };
}

/** The condition key of a pair's value; of the list of all pairs' names where no pair is named. */
function pairKey(pair: string): string {
  return pair === '' ? 'kms:EncryptionContextKeys' : `kms:EncryptionContext:${pair}`;
}

class KeyAsks {
  private readonly keyArn: string;

  constructor(
    private readonly vault: VaultPolicies,
    private readonly label: string,
    prefix: string,
  ) {
    this.keyArn = vault.keyArn(prefix);
  }

  public one(action: string, variant: string, request: Changes = {}): Ask {
    return {
      name: `${action} ${this.label}${variant === '' ? '' : `, ${variant}`}`,
      action,
      resource: this.keyArn,
      context: ({ account }) => ({
        ...this.vault.keyTags(this.keyArn),
        'kms:CallerAccount': account,
        // even for those who could not be there: what refuses them has to be something else
        'aws:SourceVpc': this.vault.network(),
        ...request,
      }),
      resourcePolicy: this.vault.keyPolicy(this.keyArn),
      // what a service asks for a function doesn't come by the function's own way
      endpointPolicy: 'kms:ViaService' in request ? undefined : this.vault.endpointPolicy('kms'),
    };
  }

  public each(action: string, right: Changes, variants: Readonly<Record<string, Changes>>): readonly Ask[] {
    return Object.entries(variants).map(([name, changes]) => this.one(action, name, { ...right, ...changes }));
  }

  public administration(): readonly Ask[] {
    const window = 'kms:ScheduleKeyDeletionPendingWindowInDays';
    const bypass = 'kms:BypassPolicyLockoutSafetyCheck';
    return [
      this.one('kms:CreateGrant', 'to anyone', { 'kms:GrantIsForAWSResource': 'false' }),
      this.one('kms:CreateGrant', 'to rds', {
        'kms:GrantIsForAWSResource': 'true',
        'kms:ViaService': `rds.${REGION}.amazonaws.com`,
        'aws:ViaAWSService': 'true',
        'aws:SourceVpc': undefined,
      }),
      this.one('kms:PutKeyPolicy', 'with the lockout check', { [bypass]: 'false' }),
      this.one('kms:PutKeyPolicy', 'without it', { [bypass]: 'true' }),
      this.one('kms:ScheduleKeyDeletion', 'in 7 days', { [window]: '7' }),
      this.one('kms:ScheduleKeyDeletion', 'in 30 days', { [window]: '30' }),
      this.one('kms:DisableKey', ''),
      this.one('kms:UntagResource', '', { 'aws:TagKeys': ['share-vault:environment'] }),
    ];
  }
}
