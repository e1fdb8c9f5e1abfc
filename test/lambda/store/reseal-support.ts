import { randomBytes, randomUUID } from 'node:crypto';
import { MATERIALS, type Kind, type MaterialName } from '../../../lambda/contract/kinds';
import { openMessage, parseMessage, writeMessage } from '../../../lambda/message';
import type { Resealed, StaleRecord } from '../../../lambda/store/reseals';
import type { NewRecord, SealedMaterials, WalletKey } from '../../../lambda/store/store';
import { newRecordOf } from './fixtures';

/** A former key, the present one, and materials of it. */
export const KEYS = {
  former: 'arn:aws:kms:eu-central-1:111122223333:key/former',
  present: 'arn:aws:kms:eu-central-1:111122223333:key/present',
} as const;
export const MATERIAL_IDS = { old: '0a'.repeat(32), present: '7b'.repeat(32), other: 'fc'.repeat(32) } as const;
export const TARGET = { keyId: KEYS.present, keyMaterialId: MATERIAL_IDS.present } as const;

/** Seals under a data key that stands in the message itself: the store does not know the difference. */
export function fakeSeal(plaintext: Uint8Array, context: ReadonlyMap<string, string>): Buffer {
  const dataKey = randomBytes(32);
  const wrapped = [{ providerId: 'fake', providerInfo: Buffer.from('fake'), ciphertext: dataKey }];
  return writeMessage({ plaintext, dataKey, wrapped, context });
}

export async function fakeOpen(sealed: Uint8Array): Promise<Buffer> {
  const message = parseMessage(sealed);
  return openMessage(message, Buffer.from(message.dataKeys[0]?.ciphertext ?? []), message.context);
}

/** A record whose materials say whose they are. */
export function recordOf(kind: Kind, wallet: WalletKey, changes: Partial<NewRecord> = {}): NewRecord {
  const recordId = randomUUID();
  const names: readonly MaterialName[] = MATERIALS[kind];
  const sealed = names.map((name) => {
    const context = new Map([...Object.entries({ record: recordId, field: name })]);
    return [name, fakeSeal(Buffer.from(`${name} of ${recordId}`), context)] as const;
  });
  const keys = { keyId: KEYS.former, keyMaterialId: MATERIAL_IDS.old };
  return newRecordOf(kind, wallet, { recordId, sealed: Object.fromEntries(sealed), ...keys, ...changes });
}

/** Throws unless every material is the record's own. */
export async function requireOwn(recordId: string, sealed: SealedMaterials): Promise<void> {
  for (const [name, message] of Object.entries(sealed)) {
    const opened = (await fakeOpen(message)).toString();
    if (opened !== `${name} of ${recordId}`) throw new Error(`expected ${name} of ${recordId}, got ${opened}`);
  }
}

/** Opens a claimed record and seals it again. */
export async function resealed(record: StaleRecord, keyMaterialId: string = MATERIAL_IDS.present): Promise<Resealed> {
  await requireOwn(record.recordId, record.sealed);
  const sealed = await Promise.all(
    Object.entries(record.sealed).map(async ([name, message]) => {
      const { context } = parseMessage(message);
      return [name, fakeSeal(await fakeOpen(message), context)] as const;
    }),
  );
  return { record, sealed: Object.fromEntries(sealed), keyId: KEYS.present, keyMaterialId };
}
