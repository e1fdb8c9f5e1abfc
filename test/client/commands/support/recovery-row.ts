import { type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { FIELDS, MATERIALS, type Kind, type MaterialName } from '../../../../lambda/contract/kinds';
import { createRecoveryKey } from '../../../../lambda/keys/elsewhere/recovery-key';
import { type Binding, recordContext } from '../../../../lambda/keys/record-context';
import { writeMessage } from '../../../../lambda/message';
import { readRecoveryKey } from '../../../../lambda/contract/recovery';
import { soon } from '../../../lambda/keys/elsewhere/support/recovery';

/** A row as the query of docs/keys/recovery.md prints it. */
export type Row = Readonly<Record<string, string | null>>;
export type Materials = Readonly<Partial<Record<MaterialName, Buffer>>>;

export interface SealedRow {
  readonly binding: Binding;
  readonly columns: Readonly<Record<string, Buffer>>;
}

/** Seals materials to recovery keys, by their names, and to a key of KMS that is lost. */
export async function sealRow(
  kind: Kind,
  materials: Materials,
  keys: Readonly<Record<string, KeyObject>>,
  facts: Partial<Binding> = {},
): Promise<SealedRow> {
  const binding: Binding = {
    environment: 'prod',
    recordId: randomUUID(),
    walletId: 'wället-1',
    chain: 'EVM',
    userId: 'user-1',
    shareSetId: 'set-1',
    propertiesSha256: randomBytes(32),
    ...facts,
  };
  const columns: Record<string, Buffer> = {};
  for (const name of MATERIALS[kind]) {
    const [field, dataKey] = [FIELDS[name], randomBytes(32)];
    const context = recordContext(binding, field);
    const lost = { providerId: 'aws-kms', providerInfo: Buffer.from('arn'), ciphertext: randomBytes(184) };
    const wrappers = Object.entries(keys).map(([keyName, key]) =>
      createRecoveryKey(readRecoveryKey(keyName, key.export({ format: 'der', type: 'spki' }))),
    );
    const wrapped = await Promise.all(wrappers.map((wrapper) => wrapper.wrapDataKey(dataKey, context, soon())));
    const plaintext = materials[name] ?? Buffer.alloc(0);
    columns[`encrypted_${field}`] = writeMessage({ plaintext, dataKey, wrapped: [lost, ...wrapped], context });
  }
  return { binding, columns };
}

export function rowOf({ binding, columns }: SealedRow): Row {
  return {
    id: binding.recordId,
    user_id: binding.userId ?? null,
    wallet_id: binding.walletId,
    chain: binding.chain,
    public_key: binding.publicKey ?? null,
    share_set_id: binding.shareSetId ?? null,
    properties_sha256: Buffer.from(binding.propertiesSha256 ?? []).toString('hex'),
    ...Object.fromEntries(Object.entries(columns).map(([name, bytes]) => [name, bytes.toString('hex')])),
  };
}
