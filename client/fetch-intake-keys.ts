import type { GetPublicKeyCommandOutput, KMSClient } from '@aws-sdk/client-kms';
import { createPublicKey } from 'node:crypto';
import { KID_PATTERN, KMS_KEY_ARN_PATTERN } from '../lambda/contract/patterns';
import { placeOf, regionOf } from './arn';
import { callService } from './call-service';
import { ShareVaultError } from './errors';
import { type IntakeKeyOption, readIntakeKey } from './intake-key';

export interface IntakeKeyOptions {
  /** ARNs of intake keys in KMS by name, the newest first, as the vault's output `IntakeKeys` has them */
  readonly keys: Readonly<Record<string, string>>;
  /** the called functions: keys of another partition, account or region than an ARN among them are refused */
  readonly functions?: Readonly<Partial<Record<string, string>>>;
  /** @default - a client for each key's region, with the process's credentials */
  readonly kms?: Pick<KMSClient, 'send'> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches the public halves of intake keys from KMS (kms:GetPublicKey), in the order of `keys`. Throws `TypeError` for
 * wrong options. Throws `ShareVaultError`: `KeyThrottled`; `KeyUnreachable`; `KeyUnavailable` if KMS refuses;
 * `ResponseRejected` if KMS returns another key, or one that the vault doesn't open with.
 */
export async function fetchIntakeKeys(options: IntakeKeyOptions): Promise<readonly IntakeKeyOption[]> {
  const problems = intakeKeyProblems(options.keys, options.functions);
  if (problems.length > 0) throw new TypeError(`intake keys: ${problems.join('; ')}`);
  return Promise.all(Object.entries(options.keys).map(([kid, arn]) => fetchIntakeKey(kid, arn, options)));
}

/** Returns all that is wrong with names and ARNs of intake keys; quotes only names that are valid. */
export function intakeKeyProblems(keys: unknown, functions: IntakeKeyOptions['functions'] = {}): readonly string[] {
  const given: readonly [string, unknown][] = Object.entries(typeof keys === 'object' ? (keys ?? {}) : {});
  const places = Object.values(functions).flatMap((name) => placeOf(name ?? '') ?? []);
  if (given.length === 0) return ['expected the ARN of at least one key by its name, got none'];
  return given.flatMap(([kid, arn]) => {
    if (!KID_PATTERN.test(kid)) return ['expected key ids as names, got something else'];
    if (typeof arn !== 'string' || !KMS_KEY_ARN_PATTERN.test(arn)) return [`${kid}: expected the ARN of a key in KMS`];
    const isOwn = places.every((place) => place === placeOf(arn));
    return isOwn ? [] : [`${kid}: expected a key of the functions' partition, region and account, got another's`];
  });
}

async function fetchIntakeKey(kid: string, arn: string, { kms, signal }: IntakeKeyOptions): Promise<IntakeKeyOption> {
  const output = await getPublicKey(kid, arn, kms, signal);
  if (output.KeyId !== arn) throw rejected(kid, 'the key that was asked for', output);
  if (output.KeyUsage !== 'ENCRYPT_DECRYPT') throw rejected(kid, 'a key for ENCRYPT_DECRYPT', output);
  const key = readIntakeKey({ kid, publicKey: parse(output) });
  if ('kid' in key) return key;
  throw rejected(kid, 'an RSA public key of at least 2048 bits', output);
}

async function getPublicKey(
  kid: string,
  arn: string,
  given: Pick<KMSClient, 'send'> | undefined,
  signal: AbortSignal | undefined,
): Promise<GetPublicKeyCommandOutput> {
  // only callers that seal load it
  const { GetPublicKeyCommand, KMSClient } = await import('@aws-sdk/client-kms');
  const own = given ?? new KMSClient({ region: regionOf(arn), maxAttempts: 1 });
  try {
    return await callService({
      expected: `the public half of intake key ${kid} (kms:GetPublicKey)`,
      codes: { throttled: 'KeyThrottled', unreachable: 'KeyUnreachable', refused: 'KeyUnavailable' },
      signal,
      send: (abortSignal) => own.send(new GetPublicKeyCommand({ KeyId: arn }), { abortSignal }),
    });
  } finally {
    if (own instanceof KMSClient && own !== given) own.destroy();
  }
}

/** Returns a text that is no key for bytes that are none. */
function parse({ PublicKey = new Uint8Array() }: GetPublicKeyCommandOutput): IntakeKeyOption['publicKey'] {
  try {
    return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  } catch {
    return '';
  }
}

function rejected(kid: string, expected: string, { $metadata }: GetPublicKeyCommandOutput): ShareVaultError {
  const message = `intake key ${kid}: expected ${expected}, got another`;
  return new ShareVaultError('ResponseRejected', message, { requestId: $metadata.requestId });
}
