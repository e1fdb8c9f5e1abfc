import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Deadline } from '../invocation/deadline';
import { VaultError } from '../contract/errors';
import type { WebhookRequest } from './request';
import type { SigningSecret } from './signing-secret';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

/**
 * Requires that `x-dynamic-signature-256` is `sha256=` and, in lower-case hex, the HMAC-SHA-256 of exactly the body's
 * bytes under an accepted secret. Throws `SignatureMismatch`, and `SecretUnavailable` if there is no secret. If no secret
 * fits, the secret is read again, since it may have been replaced.
 */
export async function requireSignature(
  { body, signature = '' }: WebhookRequest,
  secret: SigningSecret,
  deadline: Deadline,
): Promise<void> {
  const [, hex] = SIGNATURE.exec(signature) ?? [];
  if (hex === undefined) throw mismatch('something else');
  const given = Buffer.from(hex, 'hex');
  if (fits(given, body, await secret.accepted(deadline))) return;
  if (fits(given, body, await secret.renewed(deadline))) return;
  throw mismatch('one of other bytes or under another secret');
}

/** Compares with each secret, in constant time: the duration reveals nothing of a near match. */
function fits(given: Buffer, body: Uint8Array, secrets: readonly Uint8Array[]): boolean {
  const results = secrets.map((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given));
  return results.includes(true);
}

function mismatch(got: string): VaultError {
  return new VaultError('SignatureMismatch', `expected the signature of this body, got ${got}`);
}
