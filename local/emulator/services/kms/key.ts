import { seconds } from '../shape';
import { kmsErrors } from './errors';

export const RSA_SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const;
export type RsaSpec = (typeof RSA_SPECS)[number];
export const SYMMETRIC = 'SYMMETRIC_DEFAULT';
export type KeySpec = typeof SYMMETRIC | RsaSpec;

export const ALGORITHMS = [SYMMETRIC, 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** Secret bytes of a key: 32 bytes of AES-256, or an RSA private key as PKCS #8 DER. */
export interface KeyMaterial {
  readonly createdAt: Date;
  readonly bytes: Buffer;
  /** how it came, if by a rotation */
  readonly rotated?: 'AUTOMATIC' | 'ON_DEMAND' | undefined;
}

/** One key as it is stored. Its state isn't stored: it follows from the other fields and the time. */
export interface Key {
  /** UUID */
  readonly id: string;
  readonly arn: string;
  readonly spec: KeySpec;
  readonly origin: 'AWS_KMS' | 'EXTERNAL';
  readonly description: string;
  readonly createdAt: Date;
  enabled: boolean;
  /** the key is pending deletion until then, and is removed at that time */
  deletionAt?: Date | undefined;
  /** oldest first; the last one encrypts, all decrypt; empty before an import */
  readonly materials: KeyMaterial[];
  /** imported material is unusable from then on */
  materialExpiresAt?: Date | undefined;
  rotation?: Rotation | undefined;
  /** number of rotations on demand */
  rotationsOnDemand: number;
}

export interface Rotation {
  readonly periodInDays: number;
  nextAt: Date;
}

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport';

/** Returns the state that KMS reports. Pending deletion takes precedence. */
export function stateOf(key: Key, now: Date): KeyState {
  if (key.deletionAt !== undefined) return 'PendingDeletion';
  if (!hasMaterial(key, now)) return 'PendingImport';
  return key.enabled ? 'Enabled' : 'Disabled';
}

function hasMaterial(key: Key, now: Date): boolean {
  return key.materials.length > 0 && (key.materialExpiresAt === undefined || now < key.materialExpiresAt);
}

/** Throws KMS's error unless the key is enabled, or in another state that the operation accepts. */
export function requireState(key: Key, now: Date, ...otherStates: readonly KeyState[]): void {
  const state = stateOf(key, now);
  if (state === 'Enabled' || otherStates.includes(state)) return;
  if (state === 'Disabled') throw kmsErrors.disabled(key.arn);
  throw kmsErrors.invalidState(key.arn, state === 'PendingDeletion' ? 'pending deletion' : 'pending import');
}

export function isRsa(spec: KeySpec): spec is RsaSpec {
  return spec !== SYMMETRIC;
}

export function algorithmsOf(spec: KeySpec): readonly Algorithm[] {
  return isRsa(spec) ? ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] : [SYMMETRIC];
}

/** Returns the `KeyMetadata` of a response. */
export function metadataOf(key: Key, now: Date, currentMaterialId: string | undefined): object {
  const state = stateOf(key, now);
  return {
    AWSAccountId: key.arn.split(':')[4],
    Arn: key.arn,
    KeyId: key.id,
    CreationDate: seconds(key.createdAt),
    Enabled: state === 'Enabled',
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: state,
    DeletionDate: key.deletionAt && seconds(key.deletionAt),
    Origin: key.origin,
    ValidTo: key.materialExpiresAt && seconds(key.materialExpiresAt),
    ExpirationModel:
      key.origin === 'EXTERNAL' && key.materials.length > 0
        ? key.materialExpiresAt
          ? 'KEY_MATERIAL_EXPIRES'
          : 'KEY_MATERIAL_DOES_NOT_EXPIRE'
        : undefined,
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    EncryptionAlgorithms: algorithmsOf(key.spec),
    MultiRegion: false,
    CurrentKeyMaterialId: currentMaterialId,
  };
}
