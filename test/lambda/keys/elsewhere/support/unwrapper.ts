import { createInterface } from 'node:readline';
import { wipe } from '../../../../../lambda/contract/bytes';
import { createAwsKmsKey } from '../../../../../lambda/keys/aws-kms';
import {
  type VaultTransitDescription,
  createVaultTransitKey,
} from '../../../../../lambda/keys/elsewhere/vault-transit';
import type { KeyProvider } from '../../../../../lambda/keys/provider';

/** What another process, whose memory is searched afterwards, does with a key. */
export interface UnwrapTask {
  /** of a key elsewhere, or the ARN of a key in AWS KMS */
  readonly key: VaultTransitDescription | string;
  readonly context: readonly (readonly [string, string])[];
  /** wrapped data keys, each with its provider's id and info; bytes in base64 */
  readonly wrapped: readonly { readonly id: string; readonly info: string; readonly ciphertext: string }[];
  /** leaves the data keys as they are: what a search must find */
  readonly keep: boolean;
}

const kept: Buffer[] = [];

function open(key: UnwrapTask['key']): KeyProvider {
  return typeof key === 'string' ? createAwsKmsKey({ keyArn: key }) : createVaultTransitKey(key);
}

/** Unwraps each, and wipes each unless told otherwise. Then wraps as many new ones; returns these with their bits flipped. */
async function act({ key, context, wrapped, keep }: UnwrapTask): Promise<readonly string[]> {
  const provider = open(key);
  const pairs = new Map(context);
  const made: string[] = [];
  for (const { id, info, ciphertext } of wrapped) {
    const bytes = { providerInfo: Buffer.from(info, 'base64'), ciphertext: Buffer.from(ciphertext, 'base64') };
    const dataKey = await provider.unwrapDataKey([{ providerId: id, ...bytes }], pairs, AbortSignal.timeout(10_000));
    if (keep) kept.push(dataKey);
    else wipe(dataKey);
  }
  while (made.length < wrapped.length) {
    const { plaintext } = await provider.wrapNewDataKey(pairs, AbortSignal.timeout(10_000));
    plaintext.forEach((byte, at) => (plaintext[at] = byte ^ 0xff));
    made.push(plaintext.toString('hex'));
  }
  return made;
}

createInterface({ input: process.stdin }).on('line', (line) => {
  act(JSON.parse(line) as UnwrapTask).then(
    (made) => process.stdout.write(`${JSON.stringify(made)}\n`),
    (error: unknown) => process.stdout.write(`${JSON.stringify([String(error)])}\n`),
  );
});
