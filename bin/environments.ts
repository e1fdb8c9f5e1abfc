import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { BodyStore } from '../lib/body-store';
import type { Egress } from '../lib/egress';
import { LIMITS, PATTERNS } from '../lib/private/patterns';
import { type ActorConfig, readActors } from './actors';
import { readBodyStore } from './body-store';
import { readEgress } from './egress';
import { Fields } from './fields';
import { keyIdProblems, type KeyIds, readKeyIds } from './key-ids';
import { type OtherKeysConfig, readOtherKeys } from './other-keys';
import { readRecoveryKeys, type RecoveryKeysConfig } from './recovery-keys';
import { readWebhook, type WebhookConfig } from './webhook';

/** A checked entry of `environments` in the context of cdk.json. */
export interface EnvironmentConfig extends KeyIds, OtherKeysConfig, RecoveryKeysConfig {
  readonly name: string;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly availabilityZones?: string[] | undefined;
  /** Aurora capacity units */
  readonly minCapacity?: number | undefined;
  readonly maxCapacity?: number | undefined;
  readonly readers?: number | undefined;
  readonly endpointZones?: number | undefined;
  readonly rotationPeriod?: Duration | undefined;
  readonly backupRetention?: Duration | undefined;
  readonly reservedConcurrency?: number | undefined;
  readonly reserveConcurrency?: boolean | undefined;
  readonly removalPolicy?: RemovalPolicy | undefined;
  readonly alarmEmail?: string | undefined;
  readonly webhook?: WebhookConfig | undefined;
  readonly bodyStore?: BodyStore | undefined;
  readonly egress?: Egress | undefined;
  readonly actors: readonly ActorConfig[];
}

const ZONE = { pattern: /^[a-z0-9-]+[a-z]$/, expected: 'names of zones' };
const ADDRESS = { pattern: /^[^@\s]+@[^@\s]+$/, expected: 'an address' };
const REMOVAL_POLICIES: Readonly<Record<string, RemovalPolicy>> = {
  RETAIN: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  DESTROY: RemovalPolicy.DESTROY,
};

/** Reads the context's `environments`. Throws one error that names every problem of every environment. */
export function readEnvironments(context: unknown): readonly EnvironmentConfig[] {
  const problems: string[] = [];
  const entries = new Fields('environments', context, problems).entries();
  if (entries.length === 0) problems.push('environments: expected at least one, got none');
  const environments = entries.map(([name, value]) => readEnvironment(name, value, problems));
  if (problems.length > 0) throw new Error(`cdk.json context: ${problems.join('; ')}`);
  return environments;
}

function readEnvironment(name: string, value: unknown, problems: string[]): EnvironmentConfig {
  const { pattern, expected } = PATTERNS.environment;
  if (!pattern.test(name)) {
    problems.push(`environments: expected ${expected}, got "${name}"`);
  }
  const fields = new Fields(name, value, problems);
  const config: EnvironmentConfig = {
    name,
    account: fields.text('account', PATTERNS.account),
    region: fields.text('region', PATTERNS.region),
    availabilityZones: fields.texts('availabilityZones', ZONE),
    minCapacity: fields.number('minCapacity', LIMITS.minCapacity, 0.5),
    maxCapacity: fields.number('maxCapacity', LIMITS.maxCapacity, 0.5),
    readers: fields.number('readers', LIMITS.readers),
    endpointZones: fields.number('endpointZones', LIMITS.endpointZones),
    rotationPeriod: days(fields.number('rotationDays', LIMITS.rotationDays)),
    backupRetention: days(fields.number('backupDays', LIMITS.backupDays)),
    reservedConcurrency: fields.number('reservedConcurrency', LIMITS.reservedConcurrency),
    reserveConcurrency: fields.flag('reserveConcurrency'),
    removalPolicy: fields.oneOf('removalPolicy', REMOVAL_POLICIES),
    alarmEmail: fields.text('alarmEmail', ADDRESS),
    ...readKeyIds(fields),
    ...readOtherKeys(fields, problems),
    ...readRecoveryKeys(fields, problems),
    bodyStore: readBodyStore(fields, problems),
    egress: readEgress(fields, problems),
    webhook: readWebhook(fields, problems),
    actors: readActors(fields, problems),
  };
  fields.refuseOthers();
  problems.push(...contradictions(config).map((problem) => `${name}: ${problem}`));
  return config;
}

/** Returns the problems that only several fields together show. */
function contradictions(config: EnvironmentConfig): readonly string[] {
  const prod = config.name === 'prod';
  const zones = config.availabilityZones?.length;
  return [
    ...keyIdProblems(config),
    ...((config.account === undefined) === (config.region === undefined)
      ? []
      : ['expected account and region, or neither, got one']),
    // with a known account CDK would look the zones up, and synth has no network
    ...(config.region !== undefined && zones === undefined
      ? ['expected availabilityZones together with account and region, got none']
      : []),
    ...(prod && config.minCapacity === 0 ? ['expected a minCapacity over 0, got one that pauses the database'] : []),
    ...(prod && config.removalPolicy === RemovalPolicy.DESTROY
      ? ['expected a removalPolicy of RETAIN, got DESTROY']
      : []),
    // RDS refuses a database in one zone, in every environment
    ...(zones !== undefined && zones < 2 ? [`expected two availabilityZones, got ${zones}`] : []),
    ...(prod && config.endpointZones === 1 ? ['expected two endpointZones, got 1'] : []),
    ...(prod && config.readers === 0 ? ['expected a reader in a second zone, got none'] : []),
  ];
}

function days(count: number | undefined): Duration | undefined {
  return count === undefined ? undefined : Duration.days(count);
}
