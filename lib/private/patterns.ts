import {
  ACTOR_PATTERN,
  DATABASE_NAME_PATTERN,
  ENVIRONMENT_PATTERN,
  KID_PATTERN,
  KMS_KEY_ARN_PATTERN,
} from '../../lambda/contract/patterns';

import { WEBHOOK_BUDGET_MS } from '../../lambda/contract/limits';

/** A pattern for a name, and its description in an error message. */
export interface Pattern {
  readonly pattern: RegExp;
  readonly expected: string;
}

/**
 * Patterns of every text that a service accepts, after the service's own normalization. docs/aws-behaviour.md cites the
 * source of each. The app that reads cdk.json uses the same patterns.
 */
export const PATTERNS = {
  environment: {
    pattern: ENVIRONMENT_PATTERN,
    expected: 'a name like staging-2, of 2 to 16 lower-case letters, digits and single hyphens',
  },
  actor: { pattern: ACTOR_PATTERN, expected: `a name like ${ACTOR_PATTERN.source}` },
  kid: { pattern: KID_PATTERN, expected: '1 to 64 letters, digits and _.-' },
  account: { pattern: /^\d{12}$/, expected: '12 digits' },
  /** `eusc-de-east-1` begins with four letters */
  region: { pattern: /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, expected: 'the name of a region' },
  keyArn: { pattern: KMS_KEY_ARN_PATTERN, expected: 'the ARN of a KMS key, not of an alias' },
  secretArn: {
    pattern: /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+-[A-Za-z0-9]{6}$/,
    expected: 'the complete ARN of a secret',
  },
  /** RDS stores it in lower case, but the name of the cluster's log group keeps the spelling of the template */
  clusterIdentifier: {
    pattern: /^(?!.*--)[a-z][a-z0-9-]{0,62}(?<!-)$/,
    expected: '1 to 63 lower-case letters, digits and single hyphens, from a letter to a letter or digit',
  },
  /** part of variables' values and of policies: `${` would begin a policy variable there */
  restoreToken: {
    pattern: /^(?! )[A-Za-z0-9 _.:/+@=-]{1,64}(?<! )$/,
    expected: '1 to 64 letters, digits, blanks and _.:/+@=-',
  },
  stackName: { pattern: /^[A-Za-z][A-Za-z0-9-]{0,127}$/, expected: 'the name of a CloudFormation stack' },
  databaseUser: { pattern: DATABASE_NAME_PATTERN, expected: `a name like ${DATABASE_NAME_PATTERN.source}` },
  /** with the longest environment, the function's name has Lambda's maximum of 64 characters */
  handler: { pattern: /^[a-z][a-z0-9-]{0,34}$/, expected: 'a name like ^[a-z][a-z0-9-]{0,34}$' },
  variable: { pattern: /^[A-Za-z][A-Za-z0-9_]+$/, expected: 'names like ^[A-Za-z][A-Za-z0-9_]+$' },
  logGroups: { pattern: /^[A-Za-z0-9._/#*?-]{1,512}$/, expected: '1 to 512 letters, digits and ._/#-, with * or ?' },
  /** complete: `.example.com` would be every name below it, and a name without a dot a whole country */
  domain: {
    pattern: /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
    expected: 'complete names of hosts, in lower case',
  },
  destination: { pattern: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?:\d{1,5}$/, expected: 'HOST:PORT, in lower case' },
  endpointService: {
    pattern: /^(com|cn\.com)\.amazonaws\.vpce\.[a-z0-9-]+\.vpce-svc-[0-9a-f]{8,17}$/,
    expected: 'a name like com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0',
  },
  proxyUrl: {
    pattern: /^http:\/\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?:\d{1,5}$/,
    expected: 'an address like http://proxy.example.com:3128',
  },
  directory: { pattern: /^[^\0]+$/, expected: 'the path of a directory' },
} as const satisfies Readonly<Record<string, Pattern>>;

/** Minimum and maximum of every number that a service accepts; docs/aws-behaviour.md cites the source of each. */
export const LIMITS = {
  /** Aurora capacity units */
  minCapacity: { min: 0, max: 256 },
  maxCapacity: { min: 1, max: 256 },
  readers: { min: 0, max: 15 },
  endpointZones: { min: 1, max: 3 },
  port: { min: 1_150, max: 65_535 },
  backupDays: { min: 1, max: 35 },
  /** ten years */
  tombstoneDays: { min: 1, max: 3_650 },
  /** of AWS Backup's restore testing, which also accepts less than a test may take */
  validationHours: { min: 4, max: 168 },
  rotationDays: { min: 90, max: 2_560 },
  autoPauseSeconds: { min: 300, max: 86_400 },
  /** MiB */
  memorySize: { min: 128, max: 10_240 },
  /** 0 would refuse every call; Lambda has no maximum except the account's own */
  reservedConcurrency: { min: 1, max: 100_000 },
  timeoutSeconds: { min: 1, max: 900 },
  responseTimeoutMs: WEBHOOK_BUDGET_MS,
  throttleRate: { min: 1, max: 10_000 },
  /** of a reseal; they share one execution's history of 25,000 events */
  workers: { min: 1, max: 8 },
  throttleBurst: { min: 1, max: 5_000 },
} as const satisfies Readonly<Record<string, { readonly min: number; readonly max: number }>>;
