/**
 * A process that opens a transport and then waits for a search of its memory. It gets the material only encrypted. The
 * first line of its input is a `VictimTask` as JSON. It responds with one line and ends with its input.
 */
import { constants, createPrivateKey, privateDecrypt } from 'node:crypto';
import { createInterface } from 'node:readline';
import { wipe } from '../../../../lambda/contract/bytes';
import { readHybrid } from '../../../../lambda/transport/hybrid';
import { type InboundBinding, readInbound } from '../../../../lambda/transport/inbound';
import { type OutboundBinding, agree, sealOutbound } from '../../../../lambda/transport/outbound';
import { readRecipient } from '../../../../lambda/transport/recipient';

export interface VictimTask {
  /** `keep` does not wipe the material, so a search must find it */
  readonly act: 'inbound' | 'hybrid' | 'outbound' | 'keep';
  /** PKCS#8 PEM */
  readonly privateKey: string;
  readonly jwe: string;
  readonly envelope: unknown;
  readonly binding: InboundBinding;
  readonly kid: string;
  readonly nowMs: number;
  readonly recipient: unknown;
  readonly response: OutboundBinding;
}

const kept: Buffer[] = [];
// nothing else refers to the list once the task has ended, so it could be collected before the search
Object.assign(globalThis, { kept });

async function act(task: VictimTask): Promise<string> {
  const privateKey = createPrivateKey(task.privateKey);
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  const key = { open: async (ciphertext: Uint8Array) => privateDecrypt({ key: privateKey, ...oaep }, ciphertext) };
  const { signal } = new AbortController();
  const keys = new Map([[task.kid, key]]);
  const material =
    task.act === 'hybrid'
      ? await readHybrid(task.envelope, [key]).open(signal)
      : await readInbound(task.jwe, task.binding, keys, task.nowMs).open(signal);
  try {
    return task.act === 'outbound'
      ? sealOutbound(material, agree(readRecipient(task.recipient)), task.response)
      : 'opened';
  } finally {
    if (task.act === 'keep') kept.push(material);
    else wipe(material);
  }
}

createInterface({ input: process.stdin }).once('line', (line) => {
  act(JSON.parse(line) as VictimTask)
    .catch((error: unknown) => (error instanceof Error ? error.name : 'InternalError'))
    .then((response) => process.stdout.write(`${response}\n`))
    .catch(() => process.exit(1));
});
