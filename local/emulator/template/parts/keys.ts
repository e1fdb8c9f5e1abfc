import * as v from 'valibot';
import { flag, tags, text, wholeNumber } from '../fields';
import { type PolicyDocument, policyDocument, VERSION } from '../policy-document';
import { globalArn } from '../deployment';
import type { Resources } from '../resources';

export const KEY = 'AWS::KMS::Key';
export const KEY_ALIAS = 'AWS::KMS::Alias';

/** A KMS key. */
export interface KeyPart {
  readonly logicalId: string;
  readonly keyId: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly policy: PolicyDocument;
  /** `SYMMETRIC_DEFAULT`, `RSA_4096`, … */
  readonly spec: string;
  /** `ENCRYPT_DECRYPT`, … */
  readonly usage: string;
  readonly enabled: boolean;
  /** undefined if rotation is off */
  readonly rotationDays: number | undefined;
  /** the waiting period of a scheduled deletion */
  readonly deletionDays: number;
  readonly multiRegion: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** An alias of a key. */
export interface KeyAliasPart {
  readonly logicalId: string;
  /** `alias/…` */
  readonly name: string;
  /** id or ARN of a key */
  readonly target: string;
  /** logical id; undefined if the template lacks the key */
  readonly key: string | undefined;
}

const FIELDS = {
  Description: v.optional(text),
  KeyPolicy: v.optional(policyDocument),
  KeySpec: v.optional(text, 'SYMMETRIC_DEFAULT'),
  KeyUsage: v.optional(text, 'ENCRYPT_DECRYPT'),
  Enabled: v.optional(flag, true),
  EnableKeyRotation: v.optional(flag, false),
  RotationPeriodInDays: v.optional(wholeNumber, 365),
  PendingWindowInDays: v.optional(wholeNumber, 30),
  MultiRegion: v.optional(flag, false),
  Tags: v.optional(tags, {}),
};

export function readKeys(resources: Resources): readonly KeyPart[] {
  const { resolver } = resources;
  return resources.of(KEY, FIELDS).map(({ logicalId, properties }) => ({
    logicalId,
    keyId: resolver.name(logicalId),
    arn: resolver.name(logicalId, 'Arn'),
    description: properties.Description,
    policy: properties.KeyPolicy ?? defaultPolicy(globalArn(resolver.deployment, 'iam', 'root')),
    spec: properties.KeySpec,
    usage: properties.KeyUsage,
    enabled: properties.Enabled,
    rotationDays: properties.EnableKeyRotation ? properties.RotationPeriodInDays : undefined,
    deletionDays: properties.PendingWindowInDays,
    multiRegion: properties.MultiRegion,
    tags: properties.Tags,
  }));
}

/** Returns the default key policy of KMS: it leaves decisions to the account's IAM policies. */
function defaultPolicy(root: string): PolicyDocument {
  return {
    Version: VERSION,
    Statement: [
      { Sid: 'Enable IAM User Permissions', Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*' },
    ],
  };
}

export function readKeyAliases(resources: Resources): readonly KeyAliasPart[] {
  return resources.of(KEY_ALIAS, { AliasName: text, TargetKeyId: text }).map(({ logicalId, properties }) => ({
    logicalId,
    name: properties.AliasName,
    target: properties.TargetKeyId,
    key: resources.idByName(KEY, properties.TargetKeyId) ?? resources.idByName(KEY, properties.TargetKeyId, 'Arn'),
  }));
}
