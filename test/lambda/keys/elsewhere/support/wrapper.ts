import { createInterface } from 'node:readline';
import { keyMemory } from '../../../../../lambda/contract/bytes';
import { readRecoveryKey } from '../../../../../lambda/contract/recovery';
import { createRecoveryKey } from '../../../../../lambda/keys/elsewhere/recovery-key';

/** A process that wraps one data key to a recovery key many times, wipes it, and waits to be searched. */
export interface WrapperTask {
  /** base64 of the SubjectPublicKeyInfo */
  readonly publicKey: string;
  /** base64 of its complement, for the task's text itself stays in memory */
  readonly dataKey: string;
}

const WRAPS = 20;

createInterface({ input: process.stdin }).once('line', (line) => {
  void wrap(JSON.parse(line) as WrapperTask).then((count) => process.stdout.write(`${count}\n`));
});

async function wrap({ publicKey, dataKey }: WrapperTask): Promise<number> {
  const key = createRecoveryKey(readRecoveryKey('safe', Buffer.from(publicKey, 'base64')));
  const bytes = keyMemory(32);
  Buffer.from(dataKey, 'base64').forEach((byte, i) => (bytes[i] = byte ^ 0xff));
  const { signal } = new AbortController();
  const wrapped = [];
  for (let i = 0; i < WRAPS; i += 1) wrapped.push(await key.wrapDataKey(bytes, new Map(), signal));
  bytes.fill(0);
  return wrapped.length;
}
