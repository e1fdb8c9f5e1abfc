import * as v from 'valibot';
import { AuthorizationError } from '../errors';
import { type AwsAction, type Operations, type Place, type ReadActions, NAME, readMembers } from './call';
import type { InputFacts } from '../context';

const PAIRS = v.optional(v.record(v.string(), v.string()), {});
const ALGORITHM = v.optional(v.string(), 'SYMMETRIC_DEFAULT');
const KEY = v.object({ KeyId: NAME });
const DATA = v.object({
  KeyId: v.optional(NAME),
  CiphertextBlob: v.optional(v.string()),
  EncryptionContext: PAIRS,
  EncryptionAlgorithm: ALGORITHM,
});
const RE_ENCRYPT = v.object({
  CiphertextBlob: v.string(),
  SourceKeyId: v.optional(NAME),
  SourceEncryptionContext: PAIRS,
  SourceEncryptionAlgorithm: ALGORITHM,
  DestinationKeyId: NAME,
  DestinationEncryptionContext: PAIRS,
  DestinationEncryptionAlgorithm: ALGORITHM,
});
const TAGS = v.object({
  TagKeys: v.optional(v.array(v.string())),
  Tags: v.optional(v.array(v.object({ TagKey: v.string() }))),
});

const BYPASS = v.object({ BypassPolicyLockoutSafetyCheck: v.optional(v.boolean(), false) });

/** Operations on one key without further condition keys. */
const PLAIN = [
  ...['DescribeKey', 'GetPublicKey', 'GetKeyPolicy', 'ListKeyPolicies', 'ListResourceTags', 'ListGrants'],
  ...['EnableKey', 'DisableKey', 'CancelKeyDeletion', 'UpdateKeyDescription'],
  ...['EnableKeyRotation', 'DisableKeyRotation', 'GetKeyRotationStatus', 'RotateKeyOnDemand', 'ListKeyRotations'],
  ...['GetParametersForImport', 'ImportKeyMaterial', 'DeleteImportedKeyMaterial'],
];

export const kmsOperations: Operations = {
  ...Object.fromEntries(PLAIN.map((operation) => [operation, onKey(operation)])),
  ...Object.fromEntries(['Encrypt', 'Decrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'].map(onData)),
  ReEncrypt: reEncrypt,
  ListKeys: onNoKey('ListKeys'),
  ListAliases: onNoKey('ListAliases'),
  GenerateRandom: onNoKey('GenerateRandom'),
  CreateKey: onNoKey('CreateKey', bypassOf),
  PutKeyPolicy: onKey('PutKeyPolicy', bypassOf),
  ScheduleKeyDeletion: onKey('ScheduleKeyDeletion', (input) => ({
    pendingWindowInDays: readMembers(v.object({ PendingWindowInDays: v.optional(v.number(), 30) }), input)
      .PendingWindowInDays,
  })),
  // AWS sets the flag only for grants that services create for their own resources; a caller can't set it
  CreateGrant: onKey('CreateGrant', () => ({ grantIsForAwsResource: false })),
  TagResource: onKey('TagResource', tagsOf),
  UntagResource: onKey('UntagResource', tagsOf),
};

function onKey(operation: string, factsOf: (input: unknown) => InputFacts = () => ({})): ReadActions {
  return (input, place) => {
    const { KeyId } = readMembers(KEY, input);
    return [{ ...onNamed(operation, KeyId, place), facts: { ...aliasFacts(operation, KeyId), ...factsOf(input) } }];
  };
}

function onNoKey(operation: string, factsOf: (input: unknown) => InputFacts = () => ({})): ReadActions {
  return (input) => [{ action: `kms:${operation}`, resource: '*', facts: factsOf(input) }];
}

function onData(operation: string): readonly [string, ReadActions] {
  const read: ReadActions = (input, place) => {
    const { KeyId, CiphertextBlob, EncryptionContext, EncryptionAlgorithm } = readMembers(DATA, input);
    const named =
      KeyId === undefined ? ofCiphertext(operation, CiphertextBlob, place) : onNamed(operation, KeyId, place);
    const facts = { encryptionContext: EncryptionContext, encryptionAlgorithm: EncryptionAlgorithm };
    return [{ ...named, facts: { ...facts, ...aliasFacts(operation, KeyId) } }];
  };
  return [operation, read];
}

/** Returns two permissions: `ReEncryptFrom` on the source key and `ReEncryptTo` on the destination key. */
function reEncrypt(input: unknown, place: Place): readonly AwsAction[] {
  const request = readMembers(RE_ENCRYPT, input);
  const { SourceKeyId: source, DestinationKeyId: destination } = request;
  const from = source === undefined ? ofCiphertext('ReEncryptFrom', request.CiphertextBlob, place) : undefined;
  const out = from ?? onNamed('ReEncryptFrom', source ?? '', place);
  const into = onNamed('ReEncryptTo', destination, place);
  const same = { reEncryptOnSameKey: out.resource === into.resource };
  return [
    {
      ...out,
      facts: {
        ...same,
        ...aliasFacts('ReEncryptFrom', source),
        encryptionContext: request.SourceEncryptionContext,
        encryptionAlgorithm: request.SourceEncryptionAlgorithm,
      },
    },
    {
      ...into,
      facts: {
        ...same,
        ...aliasFacts('ReEncryptTo', destination),
        encryptionContext: request.DestinationEncryptionContext,
        encryptionAlgorithm: request.DestinationEncryptionAlgorithm,
      },
    },
  ];
}

function bypassOf(input: unknown): InputFacts {
  return { bypassLockoutSafetyCheck: readMembers(BYPASS, input).BypassPolicyLockoutSafetyCheck };
}

function tagsOf(input: unknown): InputFacts {
  const { TagKeys, Tags = [] } = readMembers(TAGS, input);
  return { tagKeys: TagKeys ?? Tags.map(({ TagKey }) => TagKey) };
}

type Named = Pick<AwsAction, 'action' | 'resource'>;

function onNamed(operation: string, keyId: string, place: Place): Named {
  const action = `kms:${operation}`;
  if (isAlias(keyId)) return { action, resource: requireKey(action, place.keyArnOf?.({ alias: keyId })) };
  if (/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[a-zA-Z0-9-]+$/.test(keyId)) return { action, resource: keyId };
  if (!/^[a-zA-Z0-9-]+$/.test(keyId)) throw unknownKey(action);
  return { action, resource: `arn:aws:kms:${place.region}:${place.account}:key/${keyId}` };
}

function ofCiphertext(operation: string, ciphertext: string | undefined, place: Place): Named {
  const action = `kms:${operation}`;
  return {
    action,
    resource: requireKey(action, ciphertext === undefined ? undefined : place.keyArnOf?.({ ciphertext })),
  };
}

function requireKey(action: string, arn: string | undefined): string {
  if (arn === undefined) throw unknownKey(action);
  return arn;
}

function unknownKey(action: string): AuthorizationError {
  return new AuthorizationError(
    'RequestInvalid',
    `${action}: expected the id, ARN, alias or ciphertext of a key, got none`,
  );
}

function isAlias(keyId: string): boolean {
  return /^(arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:)?alias\//.test(keyId);
}

/** Operations with the condition key `kms:RequestAlias`. */
const ALIASED: ReadonlySet<string> = new Set([
  ...['Encrypt', 'Decrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo'],
  ...['DescribeKey', 'GetPublicKey'],
]);

function aliasFacts(operation: string, keyId: string | undefined): InputFacts {
  if (keyId === undefined || !isAlias(keyId) || !ALIASED.has(operation)) return {};
  return { requestAlias: keyId.replace(/^.*:(?=alias\/)/, '') };
}
