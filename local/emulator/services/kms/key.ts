import { seconds } from '../shape';
import { kmsErrors } from './errors';

export const RSA_SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const;
export type RsaSpec = (typeof RSA_SPECS)[number];
export const SYMMETRIC = 'SYMMETRIC_DEFAULT';
export type KeySpec = typeof SYMMETRIC | RsaSpec;

export const ALGORITHMS = [SYMMETRIC, 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** What a key encrypts with: 32 bytes of AES-256, or an RSA private key as PKCS #8 DER. */
export interface KeyMaterial {
  readonly createdAt: Date;
  readonly bytes: Buffer;
}

/** One key as it is kept. Its state is not: it follows from the rest and from the time. */
export interface Key {
  /** UUID */
  readonly id: string;
  readonly arn: string;
  readonly spec: KeySpec;
  readonly origin: 'AWS_KMS' | 'EXTERNAL';
  readonly description: string;
  readonly createdAt: Date;
  enabled: boolean;
  /** pending deletion until then, gone from then on */
  deletionAt?: Date | undefined;
  /** oldest first; the last one encrypts, all decrypt; none before an import */
  readonly materials: KeyMaterial[];
  /** imported material is unusable from then on */
  materialExpiresAt?: Date | undefined;
  rotation?: Rotation | undefined;
  /** how often it was rotated on demand */
  rotationsOnDemand: number;
}

export interface Rotation {
  readonly periodInDays: number;
  nextAt: Date;
}

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport';

/** As KMS tells it. Pending deletion comes before all else. */
export function stateOf(key: Key, now: Date): KeyState {
  if (key.deletionAt !== undefined) return 'PendingDeletion';
  if (!hasMaterial(key, now)) return 'PendingImport';
  return key.enabled ? 'Enabled' : 'Disabled';
}

function hasMaterial(key: Key, now: Date): boolean {
  return key.materials.length > 0 && (key.materialExpiresAt === undefined || now < key.materialExpiresAt);
}

/** Throws what KMS does where the key is not enabled, nor in a state that the operation takes besides. */
export function requireState(key: Key, now: Date, ...besides: readonly KeyState[]): void {
  const state = stateOf(key, now);
  if (state === 'Enabled' || besides.includes(state)) return;
  if (state === 'Disabled') throw kmsErrors.disabled(key.arn);
  throw kmsErrors.invalidState(key.arn, state === 'PendingDeletion' ? 'pending deletion' : 'pending import');
}

export function isRsa(spec: KeySpec): spec is RsaSpec {
  return spec !== SYMMETRIC;
}

export function algorithmsOf(spec: KeySpec): readonly Algorithm[] {
  return isRsa(spec) ? ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] : [SYMMETRIC];
}

/** The `KeyMetadata` of an answer. */
export function metadataOf(key: Key, now: Date): object {
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
  };
}
