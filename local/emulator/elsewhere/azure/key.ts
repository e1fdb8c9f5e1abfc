import { randomBytes } from 'node:crypto';

export const RSA_BITS = [2048, 3072, 4096] as const;
export type KeySpec = { readonly kty: 'RSA' | 'RSA-HSM'; readonly bits: (typeof RSA_BITS)[number] } | { readonly kty: 'oct-HSM' }; // prettier-ignore

export const OPERATIONS = ['wrapKey', 'unwrapKey', 'encrypt', 'decrypt'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface KeyVersion {
  /** 32 hexadecimal digits */
  readonly version: string;
  readonly createdAt: Date;
  /** 32 bytes of AES-256, or an RSA private key as PKCS #8 DER */
  readonly material: Buffer;
  enabled: boolean;
}

/** A key of a vault, with its versions. */
export interface Key {
  readonly name: string;
  readonly spec: KeySpec;
  readonly operations: readonly Operation[];
  /** oldest first */
  readonly versions: KeyVersion[];
  /** soft-deleted: no operation finds it until it is recovered */
  deletedAt?: Date | undefined;
}

export function newVersionName(): string {
  return randomBytes(16).toString('hex');
}
