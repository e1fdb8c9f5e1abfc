/**
 * A process that unwraps and makes data keys and then waits for a search of its memory. Each line of its input is a
 * `KeyUserTask` as JSON. It responds with the complements of the data keys that it made.
 */
import { createInterface } from 'node:readline';
import { wipe } from '../../../../../lambda/contract/bytes';
import { createAwsKmsKey } from '../../../../../lambda/keys/aws-kms';
import {
  type GoogleEndpoints,
  type GoogleKeyDescription,
  createGoogleCloudKmsKey,
} from '../../../../../lambda/keys/elsewhere/google-cloud-kms';

export interface KeyUserTask {
  /** a key of Google, or the ARN of a key in AWS KMS */
  readonly key: { readonly description: GoogleKeyDescription; readonly endpoints: GoogleEndpoints } | string;
  readonly context: readonly (readonly [string, string])[];
  /** bytes in base64 */
  readonly wrapped: readonly { readonly id: string; readonly info: string; readonly ciphertext: string }[];
  /** leaves the data keys as they are: a search must find them */
  readonly keep: boolean;
}

const kept: Buffer[] = [];
// nothing else refers to the list once the task has ended, so it could be collected before the search
Object.assign(globalThis, { kept });

async function act({ key, context, wrapped, keep }: KeyUserTask): Promise<readonly string[]> {
  const provider =
    typeof key === 'string'
      ? createAwsKmsKey({ keyArn: key })
      : createGoogleCloudKmsKey(key.description, key.endpoints);
  const pairs = new Map(context);
  const soon = (): AbortSignal => AbortSignal.timeout(20_000);
  for (const { id, info, ciphertext } of wrapped) {
    const bytes = { providerInfo: Buffer.from(info, 'base64'), ciphertext: Buffer.from(ciphertext, 'base64') };
    const dataKey = await provider.unwrapDataKey([{ providerId: id, ...bytes }], pairs, soon());
    if (keep) kept.push(dataKey);
    else wipe(dataKey);
  }
  const made: string[] = [];
  while (made.length < wrapped.length) {
    const { plaintext } = await provider.wrapNewDataKey(pairs, soon());
    plaintext.forEach((byte, at) => (plaintext[at] = byte ^ 0xff));
    made.push(plaintext.toString('hex'));
  }
  return made;
}

createInterface({ input: process.stdin }).on('line', (line) => {
  act(JSON.parse(line) as KeyUserTask).then(
    (made) => process.stdout.write(`${JSON.stringify(made)}\n`),
    (error: unknown) => process.stdout.write(`${JSON.stringify([String(error)])}\n`),
  );
});
