import * as v from 'valibot';
import { wipe } from '../../wipe';
import type { StandInRequest, StandInResponse } from '../stand-in';
import { type CryptoKey, type KeyVersion, decrypt, encrypt, versionOf } from './crypto-key';
import { type CryptoKeys, primaryOf, requireEnabled } from './crypto-keys';
import { crc32c } from './crc';
import { GoogleError } from './google-error';
import type { IamPolicy } from './iam-policy';
import type { Identity } from './pool';

export const KMS_SCOPE = 'https://www.googleapis.com/auth/cloudkms';

const PATH =
  /^\/v1\/(?<name>projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/:]+)(?<rest>:encrypt|:decrypt|\/cryptoKeyVersions)?$/;
const BYTES = v.pipe(v.string(), v.base64(), v.transform((text) => Buffer.from(text, 'base64'))); // prettier-ignore
/** A 64-bit number in JSON: a text, or a number. */
const SUM = v.optional(v.pipe(v.union([v.pipe(v.string(), v.digits()), v.number()]), v.transform(Number)));
/** A client of gRPC's transcoding repeats the key's name, which is in the path. */
const ADDITIONAL = {
  name: v.optional(v.string()),
  additionalAuthenticatedData: v.optional(BYTES, ''),
  additionalAuthenticatedDataCrc32c: SUM,
};
const ENCRYPT = v.strictObject({ plaintext: v.optional(BYTES, ''), plaintextCrc32c: SUM, ...ADDITIONAL });
const DECRYPT = v.strictObject({ ciphertext: BYTES, ciphertextCrc32c: SUM, ...ADDITIONAL });
const MAX_BYTES = 65_536;

/** The symmetric part of Cloud KMS's REST API: `encrypt`, `decrypt`, and reads of a key and its versions. */
export class CloudKms {
  constructor(
    readonly keys: CryptoKeys,
    private readonly policy: IamPolicy,
  ) {}

  /** Throws `GoogleError`. */
  respond({ method, url, body }: StandInRequest, caller: Identity): StandInResponse {
    const { name, rest = '' } = PATH.exec(decodeURIComponent(url.pathname))?.groups ?? {};
    if (name === undefined) throw new GoogleError('NOT_FOUND', 'Method not found.');
    const operation = `${method} ${rest}`;
    switch (operation) {
      case 'POST :encrypt':
        this.policy.require(caller, 'cloudkms.cryptoKeyVersions.useToEncrypt', name);
        return { status: 200, body: encrypted(this.keys.find(name), read(ENCRYPT, body)) };
      case 'POST :decrypt':
        this.policy.require(caller, 'cloudkms.cryptoKeyVersions.useToDecrypt', name);
        return { status: 200, body: decrypted(this.keys.find(name), read(DECRYPT, body)) };
      case 'GET ':
        this.policy.require(caller, 'cloudkms.cryptoKeys.get', name);
        return { status: 200, body: describeKey(this.keys.find(name)) };
      case 'GET /cryptoKeyVersions':
        this.policy.require(caller, 'cloudkms.cryptoKeyVersions.list', name);
        return { status: 200, body: listVersions(this.keys.find(name)) };
      default:
        throw new GoogleError('NOT_FOUND', 'Method not found.');
    }
  }
}

function read<S extends v.GenericSchema>(schema: S, body: Buffer): v.InferOutput<S> {
  try {
    return v.parse(schema, JSON.parse(body.toString()));
  } catch {
    throw new GoogleError('INVALID_ARGUMENT', 'Invalid JSON payload received.');
  }
}

function encrypted(key: CryptoKey, input: v.InferOutput<typeof ENCRYPT>): object {
  const plaintext = Buffer.from(input.plaintext);
  const additionalData = Buffer.from(input.additionalAuthenticatedData);
  try {
    if (plaintext.length > MAX_BYTES || additionalData.length > MAX_BYTES) throw new GoogleError('INVALID_ARGUMENT', 'The input is too long.'); // prettier-ignore
    requireSum('plaintext', plaintext, input.plaintextCrc32c);
    requireSum('additional_authenticated_data', additionalData, input.additionalAuthenticatedDataCrc32c);
    const version = primaryOf(key);
    requireEnabled(key, version);
    const ciphertext = encrypt(version, plaintext, additionalData);
    return {
      name: nameOf(key, version),
      ciphertext: ciphertext.toString('base64'),
      ciphertextCrc32c: String(crc32c(ciphertext)),
      ...(input.plaintextCrc32c !== undefined && { verifiedPlaintextCrc32c: true }),
      ...(input.additionalAuthenticatedDataCrc32c !== undefined && { verifiedAdditionalAuthenticatedDataCrc32c: true }),
      protectionLevel: 'SOFTWARE',
    };
  } finally {
    wipe(plaintext);
  }
}

function decrypted(key: CryptoKey, input: v.InferOutput<typeof DECRYPT>): object {
  const { ciphertext } = input;
  const additionalData = Buffer.from(input.additionalAuthenticatedData);
  requireSum('ciphertext', ciphertext, input.ciphertextCrc32c);
  requireSum('additional_authenticated_data', additionalData, input.additionalAuthenticatedDataCrc32c);
  const version = versionOf(key, ciphertext);
  if (version !== undefined) requireEnabled(key, version);
  const plaintext = version && decrypt(version, ciphertext, additionalData);
  if (plaintext === undefined) {
    throw new GoogleError('INVALID_ARGUMENT', "Decryption failed: verify that 'name' refers to the correct CryptoKey.");
  }
  const response = {
    plaintext: plaintext.toString('base64'),
    plaintextCrc32c: String(crc32c(plaintext)),
    ...(version === primaryOf(key) && { usedPrimary: true }),
    protectionLevel: 'SOFTWARE',
  };
  wipe(plaintext);
  return response;
}

function requireSum(field: string, bytes: Uint8Array, sum: number | undefined): void {
  if (sum === undefined || sum === crc32c(bytes)) return;
  const message = `The checksum in field ${field}_crc32c did not match the data in field ${field}.`;
  throw new GoogleError('INVALID_ARGUMENT', message);
}

function nameOf({ name }: CryptoKey, { number }: KeyVersion): string {
  return `${name}/cryptoKeyVersions/${number}`;
}

function describeKey(key: CryptoKey): object {
  const [first] = key.versions;
  return {
    name: key.name,
    primary: describeVersion(key, primaryOf(key)),
    purpose: 'ENCRYPT_DECRYPT',
    createTime: first?.createdAt.toISOString(),
    versionTemplate: { protectionLevel: 'SOFTWARE', algorithm: 'GOOGLE_SYMMETRIC_ENCRYPTION' },
  };
}

function listVersions(key: CryptoKey): object {
  const cryptoKeyVersions = key.versions.map((version) => describeVersion(key, version));
  return { cryptoKeyVersions, totalSize: cryptoKeyVersions.length };
}

function describeVersion(key: CryptoKey, version: KeyVersion): object {
  const { state, createdAt } = version;
  const algorithm = 'GOOGLE_SYMMETRIC_ENCRYPTION';
  return { name: nameOf(key, version), state, protectionLevel: 'SOFTWARE', algorithm, createTime: createdAt.toISOString() }; // prettier-ignore
}
