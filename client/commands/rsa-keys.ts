import { type KeyObject, type PublicKeyInput, createHash, createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { RSA_MODULUS_BITS } from '../../lambda/contract/limits';
import { SECRET_ARN_PATTERN } from '../../lambda/contract/patterns';
import { callAws } from './aws';
import { clientConfig } from './client-config';
import { CommandFailure, type Context } from './command';
import { EXIT } from './exit-codes';
import { requireOwnArn } from './own-arn';
import { Parameters } from './parameters';
import { printable } from './printable';

export type RsaKeyPurpose = 'webhook' | 'intake';

/** An RSA key of the vault, published in Parameter Store. */
export interface PublishedKey {
  readonly kid: string;
  /** of the key in KMS, or of the secret with a private key that existed before the vault */
  readonly arn: string;
}

/** A published key's public key. */
export interface PublicRsaKey {
  readonly publicKey: KeyObject;
  /** SubjectPublicKeyInfo */
  readonly pem: string;
  /** SHA-256 of the SubjectPublicKeyInfo in DER, hex */
  readonly fingerprint: string;
}

/** The shortest key that a vault opens with. */
const MIN_BITS = Math.min(...RSA_MODULUS_BITS);

/** The keys of one purpose by kid, or the one that is named. Throws `CommandFailure` if there is none. */
export async function publishedKeys(
  context: Pick<Context, 'environment' | 'region'>,
  purpose: RsaKeyPurpose,
  kid: string | undefined,
): Promise<readonly PublishedKey[]> {
  const found = await new Parameters(context).list(`keys/${purpose}`);
  // a secret is only printed, and may be another account's
  const keys = found.map(({ name, value, arn }) => ({
    kid: name,
    arn: isSecret({ arn: value }) ? value : requireOwnArn(value, arn),
  }));
  if (kid === undefined) return keys;
  const named = keys.filter((key) => key.kid === kid);
  if (named.length > 0) return named;
  throw new CommandFailure(`--kid: expected one of ${printable(keys.map((key) => key.kid).join(', '))}, got another`, {
    exit: EXIT.notFound,
  });
}

/** Whether its private half is in a secret and not in KMS: then KMS does not have the public one. */
export function isSecret({ arn }: Pick<PublishedKey, 'arn'>): boolean {
  return SECRET_ARN_PATTERN.test(arn);
}

/** Fetches a public key from KMS. */
export async function fetchPublicKey(
  { arn }: PublishedKey,
  { region }: Pick<Context, 'region'>,
): Promise<PublicRsaKey> {
  const kms = new KMSClient(clientConfig(region));
  const read = () => kms.send(new GetPublicKeyCommand({ KeyId: arn }));
  const { PublicKey } = await callAws(`the public half of ${arn} (kms:GetPublicKey)`, read);
  return readPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' }, arn);
}

/** Throws `CommandFailure` with the source's name unless it is an RSA public key of at least 2048 bits. */
export function readPublicKey(given: string | PublicKeyInput, source: string): PublicRsaKey {
  const publicKey = parse(given);
  const bits = publicKey?.asymmetricKeyType === 'rsa' ? publicKey.asymmetricKeyDetails?.modulusLength : undefined;
  if (publicKey === undefined || bits === undefined || bits < MIN_BITS) {
    throw new CommandFailure(
      `expected an RSA public key of at least ${MIN_BITS} bits of ${source}, got something else`,
    );
  }
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return { publicKey, pem, fingerprint: createHash('sha256').update(der).digest('hex') };
}

function parse(given: string | PublicKeyInput): KeyObject | undefined {
  try {
    return createPublicKey(given);
  } catch {
    // the parser's message may quote its input
    return undefined;
  }
}
