import type { KeyPart } from '../../emulator/template';
import type { Request, Facts } from './cell';
import type { VaultPolicies } from './vault-policies';

function elsewhere(vault: VaultPolicies): Readonly<Record<string, Facts>> {
  return {
    'other function': { sourceFunctionArn: vault.arn('lambda', 'function:other') },
    'no function': { sourceFunctionArn: undefined },
  };
}

/** Returns requests for the share key: a right one, and others with one mistake each. */
function shareKeyVariants(vault: VaultPolicies): Readonly<Record<string, Facts>> {
  const bound = { chain: 'EVM', environment: vault.environment, field: 'delegated_share' };
  const pairs = { ...bound, owner: 'b3duZXI', record: '018f0000-0000-7000-8000-000000000000' };
  const { owner: _, ...ownerless } = pairs;
  const right = under(pairs);
  return {
    right,
    'other environment': under({ ...pairs, environment: 'other' }),
    'other field': under({ ...pairs, field: 'password' }),
    'no context': under({}),
    'no owner': under(ownerless),
    'a pair too many': under({ ...pairs, extra: 'x' }),
    'other network': { ...right, sourceVpc: 'vpc-00000000000000000' },
    'no network': { ...right, sourceVpc: undefined },
    ...each(elsewhere(vault), right),
  };
}

const RSA: Facts = { input: { encryptionAlgorithm: 'RSAES_OAEP_SHA_256' } };
function rsaVariants(vault: VaultPolicies): Readonly<Record<string, Facts>> {
  return {
    right: RSA,
    'other algorithm': { input: { encryptionAlgorithm: 'RSAES_OAEP_SHA_1' } },
    ...each(elsewhere(vault), RSA),
  };
}

/** Returns every sensitive request for a vault's keys. */
export function keyRequests(vault: VaultPolicies): readonly Request[] {
  const shareKey = vault.shareKey();
  const share = shareKey === undefined ? [] : [new KeyRequests(vault, 'share key', shareKey)];
  const storage = new KeyRequests(vault, 'storage key', vault.storageKey());
  const rsa = [...rsaKeyRequests(vault, 'intake'), ...rsaKeyRequests(vault, 'webhook')];
  const variants = shareKeyVariants(vault);
  return [
    ...share.flatMap((key) => [
      ...['kms:Decrypt', 'kms:GenerateDataKey'].flatMap((action) => key.all(action, variants)),
      // no service sends this: the role's condition on its function does not cover requests of services for it
      key.one('kms:Decrypt', 'through secretsmanager', { ...variants.right, ...through('secretsmanager') }),
      ...OTHER_USES.map((action) => key.one(action, 'right', variants.right)),
    ]),
    ...rsa.flatMap((key) => [
      ...key.all('kms:Decrypt', rsaVariants(vault)),
      key.one('kms:Encrypt', 'right', RSA),
      key.one('kms:GetPublicKey', ''),
    ]),
    ...['kms:Decrypt', 'kms:GenerateDataKey'].flatMap((action) => [
      storage.one(action, 'directly'),
      storage.one(action, 'through rds', through('rds')),
      storage.one(action, 'through s3', through('s3')),
    ]),
    ...Object.entries({ master: vault.masterSecret(), signing: vault.signingSecret?.arn }).flatMap(
      ([name, SecretARN]) =>
        SecretARN === undefined
          ? []
          : [
              storage.one('kms:Decrypt', `for the ${name} secret`, {
                ...through('secretsmanager'),
                ...under({ SecretARN }),
              }),
            ],
    ),
    ...[...share, storage, ...rsa].flatMap((key) => key.administration()),
  ];
}

/** Names a key of several, and does not name the only one. */
function rsaKeyRequests(vault: VaultPolicies, purpose: 'intake' | 'webhook'): readonly KeyRequests[] {
  const keys = [...vault.rsaKeys(purpose)];
  return keys.map(([kid, key]) => {
    return new KeyRequests(vault, keys.length === 1 ? `${purpose} key` : `${purpose} key ${kid}`, key);
  });
}

const OTHER_USES = [
  'kms:Encrypt',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:GenerateDataKeyPair',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

function under(encryptionContext: Readonly<Record<string, string>>): Facts {
  return { input: { encryptionContext } };
}

/** Returns facts of a request that a service sends for a caller: it takes the service's own network path. */
function through(viaService: string): Facts {
  return { viaService, sourceVpc: undefined };
}

function each(variants: Readonly<Record<string, Facts>>, right: Facts): Readonly<Record<string, Facts>> {
  return Object.fromEntries(Object.entries(variants).map(([name, facts]) => [name, { ...right, ...facts }]));
}

class KeyRequests {
  private readonly network: string | undefined;

  constructor(
    private readonly vault: VaultPolicies,
    private readonly label: string,
    private readonly key: KeyPart,
  ) {
    this.network = vault.network();
  }

  public one(action: string, variant: string, facts: Facts = {}): Request {
    return {
      name: `${action} ${this.label}${variant === '' ? '' : `, ${variant}`}`,
      action,
      resource: this.key.arn,
      // in the vault's network even for principals that can't be there: another condition has to refuse them
      facts: { resourceTags: this.key.tags, sourceVpc: this.network, ...facts },
      resourcePolicy: this.vault.policyOf(this.key.arn),
      // a service's request for a function does not pass the function's endpoint
      endpointPolicy: facts.viaService === undefined ? this.vault.endpointPolicy('kms') : undefined,
    };
  }

  public all(action: string, variants: Readonly<Record<string, Facts>>): readonly Request[] {
    return Object.entries(variants).map(([name, facts]) => this.one(action, name, facts));
  }

  public administration(): readonly Request[] {
    return [
      this.one('kms:CreateGrant', 'to anyone', { input: { grantIsForAwsResource: false } }),
      this.one('kms:CreateGrant', 'to rds', { input: { grantIsForAwsResource: true }, ...through('rds') }),
      this.one('kms:PutKeyPolicy', 'with the lockout check', { input: { bypassLockoutSafetyCheck: false } }),
      this.one('kms:PutKeyPolicy', 'without it', { input: { bypassLockoutSafetyCheck: true } }),
      this.one('kms:ScheduleKeyDeletion', 'in 7 days', { input: { pendingWindowInDays: 7 } }),
      this.one('kms:ScheduleKeyDeletion', 'in 30 days', { input: { pendingWindowInDays: 30 } }),
      this.one('kms:DisableKey', ''),
      this.one('kms:UntagResource', '', { input: { tagKeys: ['share-vault:environment'] } }),
    ];
  }
}
