import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const ITERATIONS = 4096;

/**
 * Returns a password's SCRAM verifier (RFC 5802) in PostgreSQL's format, so that no statement contains a password: a
 * server may log statements. The password must be ASCII, so that it needs no normalisation.
 */
export function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`;
}

/** Returns 32 random bytes as base64url. */
export function newPassword(): string {
  return randomBytes(32).toString('base64url');
}
