import { Token } from 'aws-cdk-lib';
import type { StorageKey } from '../storage-key';
import type { VaultKeys } from '../vault-keys';
import type { Webhook } from '../webhook';
import { functionName, parameterName } from './names';
import {
  API_CHANGES,
  BUCKET_CHANGES,
  FUNCTION_CHANGES,
  KEY_CHANGES,
  MACHINE_CHANGES,
  PARAMETER_CHANGES,
  SECRET_CHANGES,
} from './watched-events';
import { restoredCopyRule } from './storage-rules';
import type { WatchRule } from './watch-rule';

/** Characters of a long secret's name that a pattern contains: four names of 512 characters would not fit into one. */
const SECRET_NAME_CHARS = 128;

/**
 * Returns the rules for keys. Services get grants on the storage key at each deploy; the other keys never have grants.
 */
export function keyRules(keys: VaultKeys, storageKey: StorageKey): readonly WatchRule[] {
  const opening = [...keys._records.keysInAws, ...keys.intakeKeys, ...keys.webhookKeys].map((key) => key.keyArn);
  return [
    {
      id: 'KeyChanges',
      about: 'a key was disabled, scheduled for deletion or exposed, or its rotation was changed',
      services: ['kms'],
      detail: {
        eventSource: ['kms.amazonaws.com'],
        eventName: [...KEY_CHANGES],
        // independent of the name that the call used
        resources: { ARN: [...opening, storageKey.key.keyArn] },
      },
    },
    {
      id: 'KeyGrants',
      about: 'the use of a key was granted',
      services: ['kms'],
      detail: { eventSource: ['kms.amazonaws.com'], eventName: ['CreateGrant'], resources: { ARN: opening } },
    },
  ];
}

/** Errors of KMS that a call of the vault's own functions gets if somebody took a key or a right from them. */
const REFUSED = ['AccessDenied', 'AccessDeniedException', 'DisabledException', 'KMSInvalidStateException'];

/**
 * Returns the rule for openings under keys that only open: by anyone but the functions that may, and those that KMS refused
 * to these functions. A planned replacement, in which these functions open, reports nothing.
 *
 * @param openers ARNs of the roles of the functions that open
 */
export function retiringKeyRules(keys: VaultKeys, openers: readonly string[]): readonly WatchRule[] {
  const retiring = keys._records.retiring.inAws.map(({ keyArn }) => keyArn);
  if (retiring.length === 0) return [];
  const by = (arn: readonly unknown[]) => ({ userIdentity: { sessionContext: { sessionIssuer: { arn } } } });
  return [
    {
      id: 'RetiringKeyUse',
      about: 'a share key that only opens was used by a stranger, or KMS refused it to the vault',
      services: ['kms'],
      includesReads: true,
      detail: {
        eventSource: ['kms.amazonaws.com'],
        eventName: ['Decrypt', 'ReEncrypt'],
        resources: { ARN: retiring },
        $or: [{ errorCode: REFUSED }, by([{ 'anything-but': openers }]), by([{ exists: false }])],
      },
    },
  ];
}

export function functionRules(environment: string): readonly WatchRule[] {
  // by name, by ARN, or several at once
  const published = [{ wildcard: `*${parameterName(environment, '*')}` }];
  return [
    {
      id: 'FunctionChanges',
      about: 'a function, alias or permission was changed',
      services: ['lambda'],
      detail: {
        eventSource: ['lambda.amazonaws.com'],
        // names end in the API's version
        eventName: FUNCTION_CHANGES.map((prefix) => ({ prefix })),
        requestParameters: { functionName: [{ wildcard: `*${functionName(environment, '*')}` }] },
      },
    },
    {
      id: 'ParameterChanges',
      about: 'a parameter by which callers find keys and functions was changed',
      services: ['ssm'],
      detail: {
        eventSource: ['ssm.amazonaws.com'],
        eventName: [...PARAMETER_CHANGES],
        $or: [{ requestParameters: { name: published } }, { requestParameters: { names: published } }],
      },
    },
  ];
}

export function webhookRules(webhook: Webhook, keys: VaultKeys): readonly WatchRule[] {
  const secrets = [webhook.signingSecret, ...Object.values(keys.privateKeys)];
  return [
    {
      id: 'ApiChanges',
      about: "the webhook's API was changed",
      services: ['apigateway'],
      detail: {
        eventSource: ['apigateway.amazonaws.com'],
        eventName: API_CHANGES.map((prefix) => ({ prefix })),
        requestParameters: { apiId: [webhook.api.apiId] },
      },
    },
    {
      id: 'SecretChanges',
      about: 'a secret of the webhook was filled, replaced, exposed or deleted',
      services: ['secretsmanager'],
      detail: {
        eventSource: ['secretsmanager.amazonaws.com'],
        eventName: [...SECRET_CHANGES],
        // callers may pass a secret's name or its ARN, with or without the suffix that Secrets Manager appended to the
        // name
        requestParameters: { secretId: secrets.map(({ secretName }) => ({ wildcard: `*${shortened(secretName)}*` })) },
      },
    },
  ];
}

/** Returns the rule for the state machine that reseals: its role may invoke the only function that opens and seals. */
export function resealRules(stateMachineArn: string): readonly WatchRule[] {
  return [machineRule('ResealChanges', 'the state machine that reseals was changed or deleted', stateMachineArn)];
}

/**
 * Returns the rules for the state machine that tests restores, without which no test proves a backup, and for the copies of
 * the database.
 *
 * @param copiers ARNs of the roles that change copies in each test
 */
export function restoreTestRules(stateMachineArn: string, copiers: readonly string[]): readonly WatchRule[] {
  const about = 'the state machine that tests restores was changed or deleted';
  return [machineRule('RestoreTestChanges', about, stateMachineArn), restoredCopyRule(copiers)];
}

function machineRule(id: string, about: string, stateMachineArn: string): WatchRule {
  return {
    ...{ id, about, services: ['states'] },
    detail: {
      eventSource: ['states.amazonaws.com'],
      eventName: [...MACHINE_CHANGES],
      requestParameters: { stateMachineArn: [stateMachineArn] },
    },
  };
}

/** Returns the rule for the bucket of tombstones. Calls that put or delete its objects are data events, and not reported. */
export function bucketRules(bucketName: string): readonly WatchRule[] {
  return [
    {
      id: 'BucketChanges',
      about: 'the bucket of tombstones was changed or deleted: its policy, lifecycle, replication or lock',
      services: ['s3'],
      detail: {
        eventSource: ['s3.amazonaws.com'],
        eventName: BUCKET_CHANGES.map((prefix) => ({ prefix })),
        requestParameters: { bucketName: [bucketName] },
      },
    },
  ];
}

/** Shortens a long name to its beginning: the rule then also reports secrets with the same beginning. */
function shortened(name: string): string {
  return Token.isUnresolved(name) ? name : name.slice(0, SECRET_NAME_CHARS);
}
