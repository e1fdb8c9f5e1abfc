import { randomBytes } from 'node:crypto';
import { writeMessage } from '../../../../lambda/message';

export const CONTEXT = new Map([['field', 'delegated_share']]);

/** Returns a message of a random material of this length, and the data key that opens it. */
export function newMessage(length = 600): {
  readonly message: Buffer;
  readonly dataKey: Buffer;
  readonly plaintext: Buffer;
} {
  const plaintext = randomBytes(length);
  const dataKey = randomBytes(32);
  const wrapped = [{ providerId: 'test', providerInfo: Buffer.from('key'), ciphertext: randomBytes(48) }];
  return { message: writeMessage({ plaintext, dataKey, wrapped, context: CONTEXT }), dataKey, plaintext };
}

/** Returns the messages of a new delegated share. */
export const newShare = (length?: number) => ({
  delegatedShare: newMessage(length).message,
  walletApiKey: newMessage(100).message,
});
