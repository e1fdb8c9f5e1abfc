import { Peer } from 'aws-cdk-lib/aws-ec2';
import * as vault from '../../../lib';
import { BODY_STORE_ENTRIES } from './body-stores';
import { externalKeyEntries } from './external-keys';
import { type Make, Parts } from './parts';
import { type Values, VALUES } from './values';

/** One prop: how to give it a value, the values, and the name that errors give it. */
export interface Row extends Values {
  readonly make: Make;
  readonly named: string;
}

type Entry = readonly [values: Values, make: Make, named?: string];

const parts = new Parts();
const { stack, own, served, watched } = parts;

/** A construct of the parts, by its differences. */
const of =
  (
    Class: new (scope: typeof stack, id: string, props: never) => unknown,
    props: object,
  ): ((changed: object) => unknown) =>
  (changed) =>
    new Class(stack, parts.id(), { ...props, ...changed } as never);

const CONSTRUCTS = {
  AlarmTopicProps: of(vault.AlarmTopic, own),
  ChangeAlarmsProps: of(vault.ChangeAlarms, { ...watched, functions: [] }),
  DatabaseBackupProps: (props: object) => parts.backupWith(props),
  DeletionGuardProps: of(vault.DeletionGuard, { ...own, cluster: parts.database.cluster }),
  IdentityAlarmsProps: of(vault.IdentityAlarms, { ...watched, alarmTopic: parts.topic, vaultStackName: 'Vault' }),
  MigrationProps: of(vault.Migration, { ...own, keys: parts.keys }),
  ResealProps: (props: object) => parts.resealWith(props),
  RestoreTestingProps: (props: object) => parts.restoreTestingWith(props),
  RsaKeyProps: (props: object) => parts.rsaKeyWith(props),
  ShareDatabaseProps: (props: object) => parts.databaseWith(props),
  ShareKeyProps: of(vault.ShareKey, own),
  ShareVaultAttributes: (props: object) => parts.importedWith(props),
  ShareVaultLookup: (props: object) => parts.lookedUpWith(props),
  ShareVaultProps: (props: object) => parts.vaultWith(props),
  SigningSecretProps: of(vault.SigningSecret, own),
  StorageKeyProps: of(vault.StorageKey, own),
  TombstoneBucketProps: of(vault.TombstoneBucket, { ...own, backupDays: 7 }),
  VaultAlarmsProps: of(vault.VaultAlarms, watched),
  VaultDashboardProps: of(vault.VaultDashboard, {
    ...watched,
    refusedUnseals: parts.functions.unseal._function.metric('x'),
  }),
  VaultFunctionProps: (props: object) => parts.functionWith(props),
  VaultFunctionsProps: of(vault.VaultFunctions, served),
  VaultKeysProps: (props: object) => parts.keysWith(props),
  VaultNetworkProps: of(vault.VaultNetwork, own),
  VaultOutputsProps: of(vault.VaultOutputs, { ...served, functions: parts.functions, alarmTopic: parts.topic }),
  VaultWatchProps: of(vault.VaultWatch, watched),
  WebhookProps: (props: object) => parts.webhookWith(props),
} as const;

type Owner = keyof typeof CONSTRUCTS;

/** Rows of a prop that several constructs have. */
function each(prop: string, values: Values, owners: readonly Owner[]): Readonly<Record<string, Entry>> {
  return Object.fromEntries(
    owners.map((owner) => [`${owner}.${prop}`, [values, (value) => CONSTRUCTS[owner]({ [prop]: value })] as Entry]),
  );
}

const WITH_ENVIRONMENT = Object.keys(CONSTRUCTS) as Owner[];
const WITH_REMOVAL: readonly Owner[] = [
  'MigrationProps',
  'ResealProps',
  'RestoreTestingProps',
  'RsaKeyProps',
  'ShareDatabaseProps',
  'ShareKeyProps',
  'ShareVaultProps',
  'SigningSecretProps',
  'StorageKeyProps',
  'TombstoneBucketProps',
  'VaultFunctionProps',
  'VaultFunctionsProps',
  'VaultKeysProps',
  'VaultNetworkProps',
  'WebhookProps',
];

const THREE_ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];

const ENTRIES: Readonly<Record<string, Entry>> = {
  ...externalKeyEntries(parts),
  ...BODY_STORE_ENTRIES,
  ...each('environment', VALUES.environment, WITH_ENVIRONMENT),
  ...each('removalPolicy', VALUES.removalPolicy, WITH_REMOVAL),
  ...each('rotationPeriod', VALUES.rotationPeriod, [
    'ShareKeyProps',
    'ShareVaultProps',
    'StorageKeyProps',
    'VaultKeysProps',
  ]),
  ...each('intakeKeyIds', VALUES.foreignKids, ['ShareVaultLookup']),
  ...each('intakeKeyIds', VALUES.kids, ['ShareVaultProps', 'VaultKeysProps']),
  ...each('webhookKeyIds', VALUES.kids, ['ShareVaultProps', 'VaultKeysProps']),
  'ActorProps.accounts': [VALUES.accounts, (accounts) => addActor({ accounts, operations: ['audit'] }), 'accounts?'],
  'ActorProps.kinds': [VALUES.kinds, (kinds) => addActor({ kinds })],
  'ActorProps.operations': [VALUES.operations, (operations) => addActor({ operations, kinds: ['delegated-share'] })],
  'ActorGrantOptions.actor': [VALUES.actor, (actor) => parts.grantAs(actor)],
  'ConnectOptions.operations': [VALUES.operations, (operations) => parts.connectWith({ operations })],
  'DatabaseBackupProps.removalPolicy': [VALUES.removalPolicy, (removalPolicy) => parts.backupWith({ removalPolicy })],
  'DatabaseBackupProps.retention': [VALUES.backupRetention, (retention) => parts.backupWith({ retention })],
  'DatabaseOptions.autoPauseAfter': [
    VALUES.autoPauseAfter,
    (autoPauseAfter) => parts.databaseWith({ autoPauseAfter, minCapacity: 0 }),
  ],
  'RestoreTestingOptions.schedule': [VALUES.restoreSchedule, (schedule) => parts.restoreTestingWith({ schedule })],
  'ShareVaultProps.restoreTesting': [
    VALUES.restoreTesting,
    (restoreTesting) => parts.vaultWith({ backupPlan: true, restoreTesting }),
  ],
  'RestoreTestingOptions.validationWindow': [
    VALUES.validationWindow,
    (validationWindow) => parts.restoreTestingWith({ validationWindow }),
  ],
  'EmergencyStopProps.requireMfa': [VALUES.flag, (requireMfa) => parts.emergencyStopWith({ requireMfa })],
  'DatabaseBackupProps.plan': [VALUES.requiredFlag, (plan) => parts.backupWith({ plan })],
  'IdentityAlarmsProps.vaultStackName': [
    VALUES.stackName,
    (vaultStackName) => CONSTRUCTS.IdentityAlarmsProps({ vaultStackName }),
  ],
  'DatabaseOptions.backupPlan': [VALUES.flag, (backupPlan) => parts.databaseWith({ backupPlan })],
  'DatabaseOptions.backupRetention': [
    VALUES.backupRetention,
    (backupRetention) => parts.databaseWith({ backupRetention }),
  ],
  'DatabaseOptions.clusterIdentifier': [
    VALUES.clusterIdentifier,
    (clusterIdentifier) => parts.databaseWith({ clusterIdentifier }),
  ],
  'DatabaseOptions.engineVersion': [VALUES.engineVersion, (engineVersion) => parts.databaseWith({ engineVersion })],
  'DatabaseOptions.maxCapacity': [VALUES.maxCapacity, (maxCapacity) => parts.databaseWith({ maxCapacity })],
  'DatabaseOptions.minCapacity': [VALUES.minCapacity, (minCapacity) => parts.databaseWith({ minCapacity })],
  'DatabaseOptions.port': [VALUES.port, (port) => parts.databaseWith({ port })],
  'DatabaseOptions.readers': [VALUES.readers, (readers) => parts.databaseWith({ readers })],
  'DatabaseOptions.restoreToken': [VALUES.restoreToken, (restoreToken) => parts.databaseWith({ restoreToken })],
  'DatabaseOptions.tlsFloor': [VALUES.tlsFloor, (tlsFloor) => parts.databaseWith({ tlsFloor })],
  'FirewallEgressProps.allowedDomains': [
    VALUES.domains,
    (allowedDomains) => vault.Egress.firewall({ allowedDomains: allowedDomains as string[] }),
  ],
  'FunctionOptions.bundles': [VALUES.bundles, (bundles) => parts.functionWith({ bundles })],
  'FunctionOptions.logRetention': [VALUES.logRetention, (logRetention) => parts.functionWith({ logRetention })],
  'FunctionOptions.memorySize': [VALUES.memorySize, (memorySize) => parts.functionWith({ memorySize })],
  'FunctionOptions.reserveConcurrency': [
    VALUES.flag,
    (reserveConcurrency) => parts.functionWith({ reserveConcurrency }),
  ],
  'FunctionOptions.reservedConcurrency': [
    VALUES.reservedConcurrency,
    (reservedConcurrency) => parts.functionWith({ reservedConcurrency }),
  ],
  'NetworkOptions.endpointZones': [
    VALUES.endpointZones,
    (endpointZones) => CONSTRUCTS.VaultNetworkProps({ endpointZones, availabilityZones: THREE_ZONES }),
  ],
  'PrivateLinkEgressProps.service': [
    VALUES.endpointService,
    (service) => vault.Egress.privateLink({ service: service as string }),
  ],
  'ProxyEgressProps.peer': [VALUES.peer, (peer) => proxy({ peer })],
  'ProxyEgressProps.url': [VALUES.proxyUrl, (url) => proxy({ url })],
  'ResealOptions.schedule': [VALUES.schedule, (schedule) => parts.resealWith({ schedule })],
  'ResealOptions.workers': [VALUES.workers, (workers) => parts.resealWith({ workers })],
  'RsaKeyProps.kid': [VALUES.kid, (kid) => parts.rsaKeyWith({ kid })],
  'RsaKeyProps.purpose': [VALUES.purpose, (purpose) => parts.rsaKeyWith({ purpose })],
  'RsaKey.allowPublicKeyTo.account': [
    VALUES.account,
    (account) => parts.rsaKeyWith({}).allowPublicKeyTo(account as string),
  ],
  'ShareDatabase.grantConnect.user': [
    VALUES.requiredDatabaseUser,
    (user) => parts.database.grantConnect(parts.role, user as string),
  ],
  'ShareVault.addActor.name': [VALUES.actor, (name) => fresh().addActor(name as string), 'actor'],
  'ShareVaultProps.tombstones': [VALUES.tombstones, (tombstones) => parts.vaultWith({ tombstones })],
  'ShareVaultProps.accessLog': [VALUES.accessLog, (accessLog) => parts.vaultWith({ accessLog })],
  'MigrationProps.accessLog': [VALUES.accessLog, (accessLog) => CONSTRUCTS.MigrationProps({ accessLog })],
  'TombstoneBucketProps.archivesLog': [VALUES.flag, (archivesLog) => CONSTRUCTS.TombstoneBucketProps({ archivesLog })],
  'AccessLogOptions.retention': [
    VALUES.logRetentionPeriod,
    (retention) => parts.vaultWith({ tombstones: {}, accessLog: { retention } }),
  ],
  'TombstoneBucketProps.backupDays': [
    VALUES.backupDays,
    (backupDays) => CONSTRUCTS.TombstoneBucketProps({ backupDays }),
  ],
  'TombstoneOptions.retention': [
    VALUES.tombstoneRetention,
    (retention) => CONSTRUCTS.TombstoneBucketProps({ retention }),
  ],
  'ShareVaultProps.reseal': [VALUES.reseal, (reseal) => parts.vaultWith({ reseal })],
  'ShareVaultAttributes.account': [VALUES.accountOrToken, (account) => parts.importedWith({ account })],
  'ShareVaultAttributes.actors': [VALUES.actors, (actors) => parts.importedWith({ actors })],
  'ShareVaultAttributes.intakeKeys': [VALUES.intakeKeys, (intakeKeys) => parts.importedWith({ intakeKeys })],
  'ShareVaultAttributes.region': [VALUES.region, (region) => parts.importedWith({ region })],
  'StorageKey.allowLogGroups.namePattern': [
    VALUES.logGroups,
    (pattern) => parts.storageKey.allowLogGroups(pattern as string),
  ],
  'StorageKey.grantReadSecret.secretArn': [
    VALUES.secretArn,
    (arn) => parts.storageKey.grantReadSecret(parts.role, arn as string),
  ],
  'VaultFunctionProps.databaseUser': [VALUES.databaseUser, (databaseUser) => parts.functionWith({ databaseUser })],
  'VaultFunctionProps.elsewhere': [VALUES.flag, (elsewhere) => parts.functionWith({ elsewhere })],
  'VaultFunctionProps.handler': [VALUES.handler, (handler) => parts.functionWith({ handler })],
  'VaultFunctionProps.timeout': [VALUES.timeout, (timeout) => parts.functionWith({ timeout })],
  'VaultFunctionProps.variables': [VALUES.variables, (variables) => parts.functionWith({ variables })],
  'VaultFunction.addActor.name': [VALUES.actor, (name) => parts.functionWith({}).addActor(name as string, []), 'actor'],
  'VaultFunction.addActor.kinds': [VALUES.kinds, (kinds) => parts.functionWith({}).addActor('signer', kinds as [])],
  'VaultFunction.allowAccount.actor': [VALUES.actor, (actor) => allowAccount(actor, '123456789012')],
  'VaultFunction.allowAccount.account': [VALUES.account, (account) => allowAccount('signer', account)],
  'VaultKeysProps.privateKeys': [VALUES.privateKeys, (privateKeys) => parts.keysWith({ privateKeys })],
  'BodyStoreOptions.bodyStore': [
    { accepted: [], refused: [null, 7, 'secrets-manager', {}, [], { maxRecords: 1 }] },
    (bodyStore) => parts.functionWith({ bodyStore }),
  ],
  'VaultFunctionProps.audiences': [VALUES.audiences, (audiences) => parts.functionWith({ audiences })],
  'VaultFunctionProps.outside': [VALUES.flag, (outside) => parts.functionWith({ outside })],
  'VaultNetworkProps.destinations': [
    VALUES.destinations,
    (destinations) => CONSTRUCTS.VaultNetworkProps({ destinations, egress: vault.Egress.firewall() }),
  ],
  'VaultNetworkProps.bucket': [VALUES.flag, (bucket) => CONSTRUCTS.VaultNetworkProps({ bucket })],
  'VaultNetworkProps.identityTokens': [
    VALUES.flag,
    (identityTokens) => CONSTRUCTS.VaultNetworkProps({ identityTokens }),
  ],
  'WebhookOptions.responseTimeout': [
    VALUES.responseTimeout,
    (responseTimeout) => parts.webhookWith({ responseTimeout }),
  ],
  'WebhookOptions.privateKeys': [VALUES.privateKeys, (privateKeys) => parts.vaultWith({ webhook: { privateKeys } })],
  'WebhookOptions.throttleBurst': [VALUES.throttleBurst, (throttleBurst) => parts.webhookWith({ throttleBurst })],
  'WebhookOptions.throttleRate': [VALUES.throttleRate, (throttleRate) => parts.webhookWith({ throttleRate })],
};

let made: vault.ShareVault | undefined;

/** A vault that every row of actors adds to. */
function fresh(): vault.ShareVault {
  return (made ??= parts.vaultWith({}));
}

function proxy(props: Partial<Record<keyof vault.ProxyEgressProps, unknown>>): vault.Egress {
  const usual = { url: 'http://proxy.example.com:3128', peer: Peer.ipv4('10.0.0.9/32') };
  return vault.Egress.proxy({ ...usual, ...props } as vault.ProxyEgressProps);
}

let actors = 0;
function addActor(props: object): void {
  actors += 1;
  fresh().addActor(`actor-${actors}`, props);
}

function allowAccount(actor: unknown, account: unknown): void {
  const fn = parts.functionWith({});
  for (const name of new Set(['signer', ...(VALUES.actor.accepted as readonly string[])])) fn.addActor(name, []);
  fn.allowAccount(actor as string, account as string);
}

export const ROWS: ReadonlyMap<string, Row> = new Map(
  Object.entries(ENTRIES).map(([name, [values, make, named]]) => {
    return [name, { ...values, make, named: named ?? name.slice(name.lastIndexOf('.') + 1) }];
  }),
);
