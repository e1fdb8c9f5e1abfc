import type { Json, JsonObject } from '../../local/audit/json';

/** A property that an owner chooses: the allow-list has a placeholder or a range for it and no single value. */
export interface Tunable {
  /** Expressions for the resource's path below the vault and for the property. */
  readonly role: string;
  readonly at: string;
  readonly is: Json | ((role: string, value: Json) => Json | undefined);
  used?: boolean;
}

/** Literal texts of the reviewed vaults that name an owner's choices. */
export const LITERALS: readonly (readonly [RegExp, string])[] = [
  [/(?<=^Allow[A-Za-z]+)[0-9a-f]{12}$/, '{generation}'],
  [/(?<=^share-vault-database-)[0-9a-f]{8}(?=-)/, '{address}'],
  [/my-vault|share-vault-[a-z]+-(?:\$\{AWS::StackId#[^}]*\}){2}(?!-)/g, '{clusterIdentifier}'],
  [/^arn:[^"]*:secret:[A-Za-z]+-AbCdEf$/, '{secretArn}'],
  [/(?<=:log-group:|^\*)Reviewed(?:Again)?(?=-\*$)/, '{stackName}'],
  [/^vpc-0123456789abcdef0$/, '{vpc}'],
  [/^arn:[^"]*:key\/01234567-89ab-cdef-0123-456789abcdef$/, '{secretKey}'],
  [/^(?:\/\/iam\.googleapis\.com\/.*|api:\/\/AzureADTokenExchange|https:\/\/vault\.example\.com:8200)$/, '{audience}'],
  [/^AllowIdentityToken\d?$/, '{tokenSid}'],
  [/(?<=:iam::)(?:222222222222|333333333333)(?=:root$)/, '{account}'],
];

/** References of the reviewed vaults to resources that an owner made. */
export const OUTSIDE: readonly (readonly [RegExp, string])[] = [
  [/\$\{@Alarms[0-9A-F]{8}\}/g, '{alarmTopic}'],
  [/\$\{@GetStackOutput \S*RefVpc[0-9A-F]{8}\w*\}/g, '{vpc}'],
  [/\$\{@GetStackOutput \S*RefSecret\w*\}/g, '{secretArn}'],
  [/\$\{@GetStackOutput \S*GetAttKey\w*\}/g, '{secretKey}'],
];

/** Permissions with one of these may exist any number of times. */
export const ANY: readonly string[] = ['{account}', '{audience}'];

/** Values that an owner gives for each resource of a role. */
export const EXTERNAL_OF: Readonly<Record<string, string>> = {
  '{secretArn}': 'Keys/Parameter-{kid}/Resource',
  '{secretName}': 'Keys/Parameter-{kid}/Resource',
};

const KINDS = { '%oneOf': ['delegated-share', 'server-key-shares'] };

function actors(role: string): Json {
  const alias = role.replace('/Function/Resource', '/Actor-{actor}/Resource');
  const least = /properties|audit|freeze|thaw/.test(role) ? 0 : 1;
  const kinds = { '%each': KINDS, '%size': [least, 2] };
  return { '%json': { '%entries': [{ '%for': alias, name: '{actor}', is: kinds }] } };
}

/** The names of the actors that may unseal, in the function that freezes one of them. */
const UNSEAL_ACTORS = { '%json': [{ '%for': 'Functions/unseal/Actor-{actor}/Resource', is: '{actor}' }] };

/** Matches a secret of the owner's: its name is known or is computed from its ARN. */
const secretId = (_: string, value: Json): Json | undefined =>
  /\*Old|\$\{@GetStackOutput/.test(JSON.stringify(value)) ? { wildcard: '*{secretName}*' } : undefined;

/** Matches the package's own code, or code that an owner has signed. */
const code = (_: string, value: Json): Json =>
  /"S3Key":"[0-9a-f]{64}\.zip"/.test(JSON.stringify(value))
    ? {
        '%oneOf': [
          { S3Bucket: '{codeBucket}', S3Key: '{codeKey}' },
          { S3Bucket: '{legacyBucket}', S3Key: '{legacyKey}' },
        ],
      }
    : {
        '%oneOf': [
          { S3Bucket: '{signedBucket}', S3Key: '{signedKey}' },
          { S3Bucket: '{signedBucket}', S3Key: '{signedKey}', S3ObjectVersion: '{signedVersion}' },
        ],
      };

/** Requires an endpoint in `least` to three zones. */
const zones = (least: number): Json => ({
  '%each': '${Network/Vpc/IsolatedSubnet{subnet}/Subnet}',
  '%size': [least, 3],
});
const ENDPOINT_SUBNETS = {
  '%choose': [
    { if: [{ network: 'imported' }], is: '{endpointSubnets}' },
    { if: [{ environment: 'prod' }], is: zones(2) },
    { if: [{ environment: 'other' }], is: zones(1) },
  ],
};

const imported = (_: string, value: Json): Json | undefined =>
  /subnet-0123|GetStackOutput/.test(JSON.stringify(value)) ? '{subnets}' : undefined;

/** The keys that open deliveries: in KMS, and in secrets of the owner's. */
const WEBHOOK_KEYS = {
  '%json': {
    '%entries': [
      { '%for': 'Keys/webhook-{kid}/Key/Resource', name: '{kid}', is: '${Keys/webhook-{kid}/Key/Resource#Arn}' },
      { '%for': 'Keys/Parameter-{kid}/Resource', name: '{kid}', is: '{secretArn}' },
    ],
  },
};

const AZURE = { key: '{azureKey}', tenant: '{azureClient}', client: '{azureClient}' };
const LOGINS: readonly Json[] = [
  { method: 'jwt', mount: '{vaultName}', role: '{vaultName}', audience: '{audience}' },
  { method: 'aws', mount: '{vaultName}', role: '{vaultName}' },
  { method: 'aws', mount: '{vaultName}', role: '{vaultName}', serverId: '{audience}' },
];
const VAULT = { type: 'vault-transit', address: '{vaultAddress}', mount: '{vaultName}', key: '{vaultName}' };
/** The members of a Vault's place that may be missing. */
const PLACES: readonly JsonObject[] = [
  {},
  { namespace: '{vaultName}' },
  { ca: '{vaultAuthority}' },
  { namespace: '{vaultName}', ca: '{vaultAuthority}' },
];

/** Keys outside AWS: their owner chooses all of it, in the forms that the functions accept. */
const OTHER_KEYS: Json = {
  '%json': {
    '%each': {
      '%oneOf': [
        { type: 'gcp-kms', key: '{googleKey}', audience: '{audience}', method: { '%oneOf': ['token', 'signature'] } },
        { type: 'azure-key-vault', ...AZURE },
        { type: 'azure-managed-hsm', ...AZURE },
        ...PLACES.map((place): Json => ({ ...VAULT, ...place, login: { '%oneOf': [...LOGINS] } })),
      ],
    },
    '%size': [1, 8],
  },
};
/** Body stores, in the forms that the functions accept. */
const BODY_STORE: Json = {
  '%json': {
    '%oneOf': [
      {
        type: 'secrets-manager',
        maxRecords: '{maxRecords}',
        storageKey: '${StorageKey/Key/Resource#Arn}',
        recoveryDays: '{storeDays}',
      },
      {
        ...{ type: 'google-secret-manager', maxRecords: '{maxRecords}', project: '{googleProject}' },
        ...{ destroyDelayDays: '{storeDays}', audience: '{audience}' },
        method: { '%oneOf': ['token', 'signature'] },
      },
      {
        ...{ type: 'azure-key-vault', maxRecords: '{maxRecords}', vault: '{azureVault}', tenant: '{azureClient}' },
        ...{ client: '{azureClient}', recoveryDays: '{storeDays}', purge: { '%oneOf': [true, false] } },
      },
      ...PLACES.map((place): Json => {
        const store = { type: 'vault-kv', maxRecords: '{maxRecords}', address: '{vaultAddress}', mount: '{vaultName}' };
        return { ...store, ...place, login: { '%oneOf': [...LOGINS] } };
      }),
    ],
  },
};
const recovery = (is: string): Json => ({ '%json': { '%map': { name: '{recoveryName}', is }, '%size': [1, 8] } });

const egressBlock = (_: string, value: Json): Json | undefined => (value === '0.0.0.0/0' ? undefined : '{egressBlock}');

/** Rules by which functions reach services outside AWS. Only a firewall, or somebody's network, limits their hosts. */
const way = (Description: string, ...peers: readonly JsonObject[]): Json => {
  const rule = { Description, FromPort: '{servicePort}', IpProtocol: 'tcp', ToPort: '{servicePort}' };
  return { '%each': { '%oneOf': peers.map((peer): Json => ({ ...peer, ...rule })) }, '%size': [1, 16] };
};
const waysOut = (_: string, value: Json): Json | undefined => {
  const text = JSON.stringify(value);
  if (text.includes('"proxy"')) {
    return way('proxy', { CidrIp: '{proxyBlock}' }, { DestinationSecurityGroupId: '{proxyGroup}' });
  }
  const everywhere = '0.0.0.0/0';
  return text.includes(everywhere) ? way('keys and stores outside AWS', { CidrIp: everywhere }) : undefined;
};

/** A part of the stack's id, as names of retained resources have it. */
const STACK_SUFFIX = '${AWS::StackId#|/|2|-|0}${AWS::StackId#|/|2|-|1}';

const FUNCTION =
  '(Functions/\\w+|Webhook/Function|Migration/Function|Reseal/Function|RestoreTesting/Function)/Function/Resource';
const VARIABLES = 'Properties\\.Environment\\.Variables\\.';

export const TUNABLES: Tunable[] = [
  { role: FUNCTION, at: `${VARIABLES}SHARE_VAULT_OTHER_KEYS`, is: OTHER_KEYS },
  { role: FUNCTION, at: `${VARIABLES}SHARE_VAULT_BODY_STORE`, is: BODY_STORE },
  { role: FUNCTION, at: `${VARIABLES}HTTPS_PROXY`, is: '{proxyUrl}' },
  { role: 'Network/Egress/Firewall/Rules', at: '.*\\.Targets', is: { '%each': '{host}', '%size': [1, 99] } },
  {
    role: 'Network/Egress/Firewall/Rules',
    at: '.*\\.HOME_NET\\.Definition',
    is: { '%each': '{egressBlock}', '%size': [1, 4] },
  },
  {
    role: 'Network/Egress/Firewall/Zone\\{egressZone\\}',
    at: 'Properties\\.FirewallName',
    is: 'share-vault-{environment}-egress-{egressZone}',
  },
  { role: 'Network/Egress/.*', at: 'Properties\\.(?:CidrBlock|DestinationCidrBlock)', is: egressBlock },
  {
    role: 'Network/Egress/.*',
    at: 'Properties\\.AvailabilityZone',
    is: { '%oneOf': [{ 'Fn::Select': ['{egressZoneIndex}', { 'Fn::GetAZs': '' }] }, '{egressZoneName}'] },
  },
  { role: 'Network/Outside/Resource', at: 'Properties\\.SecurityGroupEgress', is: waysOut },
  { role: 'Network/PrivateLink/Endpoint/Resource', at: 'Properties\\.ServiceName', is: '{endpointService}' },
  { role: 'Network/PrivateLink/Endpoint/Resource', at: 'Properties\\.SubnetIds', is: ENDPOINT_SUBNETS },
  { role: 'Network/(PrivateLink/Group|Outside)/(to|from) .*', at: 'Properties\\.(From|To)Port', is: '{servicePort}' },
  { role: 'Network/PrivateLink/Zone/Resource', at: 'Properties\\.Name', is: '{host}.' },
  { role: 'Network/PrivateLink/Address/Resource', at: 'Properties\\.Name', is: '{host}.' },
  { role: FUNCTION, at: `${VARIABLES}SHARE_VAULT_RECOVERY_KEYS`, is: recovery('{publicKey}') },
  { role: FUNCTION, at: `${VARIABLES}SHARE_VAULT_RECOVERY_KEYS_CHANGE`, is: '{fingerprint}' },
  { role: 'Keys/RecoveryKeys/Resource|Outputs/RecoveryKeys', at: 'Properties\\.Value', is: recovery('{fingerprint}') },
  { role: 'Functions/\\w+/Function/Resource', at: `${VARIABLES}SHARE_VAULT_ACTORS`, is: actors },
  { role: 'Functions/freeze/Function/Resource', at: `${VARIABLES}SHARE_VAULT_UNSEAL_ACTORS`, is: UNSEAL_ACTORS },
  { role: 'Webhook/Function/Function/Resource', at: `${VARIABLES}SHARE_VAULT_WEBHOOK_KEYS`, is: WEBHOOK_KEYS },
  { role: 'Outputs/WebhookKeys', at: 'Properties\\.Value', is: WEBHOOK_KEYS },
  { role: 'Keys/Parameter-\\{kid\\}/Resource', at: 'Properties\\.Value', is: '{secretArn}' },
  { role: `${FUNCTION}|stack:/.*`, at: 'Properties\\.Code', is: code },
  { role: FUNCTION, at: 'Properties\\.MemorySize', is: '{memory}' },
  { role: FUNCTION, at: 'Properties\\.ReservedConcurrentExecutions', is: '{concurrency}' },
  { role: FUNCTION, at: `${VARIABLES}SHARE_VAULT_DB_PORT`, is: '{port}' },
  { role: FUNCTION, at: `${VARIABLES}SHARE_VAULT_BACKUP_DAYS`, is: '{backupDays}' },
  { role: FUNCTION, at: 'Properties\\.CodeSigningConfigArn', is: '{codeSigning}' },
  { role: 'Database/Cluster/Reader\\{reader\\}/Resource', at: 'Properties\\.PromotionTier', is: '{promotionTier}' },
  { role: 'Database/Cluster/Resource', at: 'Properties\\.Port', is: '{port}' },
  { role: 'Database/Cluster/Resource', at: 'Properties\\.DBClusterIdentifier', is: '{clusterIdentifier}' },
  { role: 'Database/Cluster/Resource', at: '.*\\.MinCapacity', is: '{minCapacity}' },
  { role: 'Database/Cluster/Resource', at: '.*\\.MaxCapacity', is: '{maxCapacity}' },
  { role: 'Database/Cluster/Resource', at: '.*\\.SecondsUntilAutoPause', is: '{pauseSeconds}' },
  { role: 'Database/Cluster/Resource', at: 'Properties\\.BackupRetentionPeriod', is: '{backupDays}' },
  { role: 'Database/Backup/Plan/Resource', at: '.*\\.DeleteAfterDays', is: '{backupDays}' },
  {
    role: 'Database/Group/Resource',
    at: 'Properties\\.GroupDescription',
    is: {
      '%oneOf': ['share vault {environment}: database', 'share vault {environment}: database {clusterIdentifier}'],
    },
  },
  {
    role: 'Watch/Alarms/receive-Duration/Resource',
    at: 'Properties\\.AlarmDescription',
    is: 'share vault {environment}: share-vault-{environment}-receive takes nearly as long as its timeout of {receiveSeconds} s allows',
  },
  {
    role: 'Watch/Alarms/receive-Duration/Resource',
    at: 'Properties\\.Threshold',
    is: '{receiveAlarmMs}',
  },
  { role: 'Watch/Alarms/vault-OldMaterial/Resource', at: 'Properties\\.Threshold', is: '{materialAlarmDays}' },
  { role: FUNCTION, at: `${VARIABLES}SHARE_VAULT_DB_GENERATION`, is: '{generation}' },
  {
    role: 'Database/Backup/Vault/Resource',
    at: 'Properties\\.BackupVaultName',
    is: `share-vault-{environment}-${STACK_SUFFIX}`,
  },
  {
    role: 'Database/Parameters/Resource',
    at: 'Properties\\.Parameters\\.ssl_min_protocol_version',
    is: { '%oneOf': ['TLSv1.2', 'TLSv1.3'] },
  },
  { role: '.*/(to|from) .*Database.*|Database/.*/from .*', at: 'Properties\\.(From|To)Port', is: '{port}' },
  {
    role: 'Network/Vpc/IsolatedSubnet\\{subnet\\}/Subnet',
    at: 'Properties\\.AvailabilityZone',
    is: { '%oneOf': [{ 'Fn::Select': ['{zoneIndex}', { 'Fn::GetAZs': '' }] }, '{zone}'] },
  },
  { role: 'Watch/Changes/SecretChanges/Resource', at: '.*\\.secretId\\[\\d+\\]', is: secretId },
  { role: `${FUNCTION}|Database/Cluster/Subnets/Default`, at: '.*\\.SubnetIds', is: imported },
  { role: 'Network/Endpoint-\\w+/Resource', at: 'Properties\\.SubnetIds', is: ENDPOINT_SUBNETS },
  { role: 'Network/Vpc/.*', at: 'Properties\\.CidrBlock', is: '{cidr}' },
  {
    role: '(StorageKey|Keys/(ShareKey|RetiringKey\\d?))/Key/Resource',
    at: 'Properties\\.RotationPeriodInDays',
    is: '{rotationDays}',
  },
  {
    role: '(Functions/\\w+|Webhook(/Function)?|(Migration|Reseal|RestoreTesting)/Function)/(Log|AccessLog)/Resource',
    at: 'Properties\\.RetentionInDays',
    is: '{logDays}',
  },
  { role: 'Webhook/Function/Function/Resource', at: `${VARIABLES}SHARE_VAULT_WEBHOOK_BUDGET_MS`, is: '{responseMs}' },
  // the environment's name with underscores
  { role: 'RestoreTesting/(Plan|Selection)', at: 'Properties\\.RestoreTestingPlanName', is: '{planName}' },
  { role: 'RestoreTesting/Plan', at: 'Properties\\.ScheduleExpression', is: '{schedule}' },
  { role: 'RestoreTesting/Selection', at: 'Properties\\.ValidationWindowHours', is: '{validationHours}' },
  { role: 'Reseal/Schedule/Resource', at: 'Properties\\.ScheduleExpression', is: '{schedule}' },
  { role: 'Webhook/Function/Function/Resource', at: 'Properties\\.Timeout', is: '{receiveSeconds}' },
  { role: 'Webhook/Stage/Resource', at: '.*\\.ThrottlingRateLimit', is: '{throttleRate}' },
  { role: 'Webhook/Stage/Resource', at: '.*\\.ThrottlingBurstLimit', is: '{throttleBurst}' },
];
