import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { RotateKeyOnDemandCommand } from '@aws-sdk/client-kms';
import { FIELDS, type Kind, MATERIALS, type MaterialName } from '../../../lambda/contract/kinds';
import { type Deadline, deadlineIn } from '../../../lambda/invocation/deadline';
import type { ResealCall, ResealParts } from '../../../lambda/invocation/reseals';
import { createAwsKmsKey } from '../../../lambda/keys/aws-kms';
import { currentMaterialId } from '../../../lambda/keys/aws-kms-material';
import { materialOfAll, openBytes, sealBytes } from '../../../lambda/keys/envelope';
import type { KeyProvider } from '../../../lambda/keys/provider';
import { recordContext } from '../../../lambda/keys/record-context';
import { createShareKeys } from '../../../lambda/keys/share-keys';
import { PostgresFreezes } from '../../../lambda/store/freezes';
import { PendingReceipts } from '../../../lambda/store/receipts';
import { PostgresReseals } from '../../../lambda/store/reseals';
import { Session } from '../../../lambda/store/session';
import type { NewRecord, WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { material } from '../../support/run';
import { KmsFixture } from '../../local/emulator/services/kms/support';
import { runtimeClient } from '../keys/support';
import { caller, newRecordOf, newWallet, query } from '../store/fixtures';
import { database, sealer, superuser, unsealer, useStores } from '../store/stores';

/** A database and the local KMS, with real cryptography: `useResealer` assigns what follows. */
export let kms: KmsFixture;
export let reseals: PostgresReseals;
export let pending: PendingReceipts;
export let freezer: PostgresFreezes;
export let former: KeyProvider;
export let present: KeyProvider;
export let run: string;

export const ENVIRONMENT = 'local';
/** materials by record */
const materials = new Map<string, ReadonlyMap<MaterialName, Buffer>>();

export function useResealer(): void {
  useStores(['auditor', 'receiver', 'revoker', 'sealer', 'unsealer']);
  beforeAll(async () => {
    kms = await new KmsFixture().start();
    const session = new Session(await database.settings('vault_resealer'));
    [reseals, pending] = [new PostgresReseals(session), new PendingReceipts(session)];
    freezer = new PostgresFreezes(new Session(await database.settings('vault_freezer')));
  });
  beforeEach(async () => {
    run = `run-${randomUUID()}`;
    former = await newKey();
    present = await newKey();
    kms.kms.calls.length = 0;
    await superuser.query(`DELETE FROM vault.delegated_shares; DELETE FROM vault.server_key_shares;
      DELETE FROM vault.reseal_claims`);
  });
  afterEach(async () => {
    kms.kms.faults.clear();
    await superuser.query("UPDATE vault.freezes SET thawed_by = 'test', thawed_at = now() WHERE thawed_at IS NULL");
  });
  afterAll(() => kms.remove());
}

const open = (keyArn: string, onUnwrap?: (materialId: string) => void): KeyProvider =>
  createAwsKmsKey({ keyArn, client: runtimeClient(kms), onUnwrap });

export const newKey = async (): Promise<KeyProvider> => open(await kms.createKey());

export const rotate = (key: KeyProvider) => kms.client.send(new RotateKeyOnDemandCommand({ KeyId: key.keyId }));

export const materialOf = (key: KeyProvider) => currentMaterialId(key.keyId, soon().signal, runtimeClient(kms));

/** What the function has: the present key seals, and the former one only opens. */
export function parts(changes: Partial<ResealParts> = {}): ResealParts {
  return {
    environment: ENVIRONMENT,
    reseals,
    shareKey: createShareKeys(present, [former]),
    keyIds: [present.keyId, former.keyId],
    currentMaterialId: () => materialOf(present),
    observedKey: (onUnwrap) => createShareKeys(open(present.keyId, onUnwrap), [open(former.keyId, onUnwrap)]),
    ...changes,
  };
}

/** A call with more time than a page may take. */
export const callFor = (of = run, deadline: Deadline = deadlineIn(60_000)): ResealCall => ({
  run: of,
  requestId: `request-${of}`,
  deadline,
});

/** Makes a record under a key, and remembers its materials. */
export async function newSealed(
  key: KeyProvider,
  { kind = 'delegated-share', ...changes }: Partial<NewRecord> & { readonly kind?: Kind } = {},
): Promise<NewRecord> {
  const record = newRecordOf(kind, { ...newWallet(), ...changes }, { ...changes, recordId: randomUUID() });
  const names: readonly MaterialName[] = MATERIALS[kind];
  const plain = new Map(names.map((name) => [name, material(60)] as const));
  materials.set(record.recordId, plain);
  const sealed = await Promise.all(
    names.map((name) => {
      const context = recordContext({ ...record, environment: ENVIRONMENT }, FIELDS[name]);
      return sealBytes(plain.get(name) ?? Buffer.alloc(0), context, key, soon().signal);
    }),
  );
  return {
    ...record,
    keyId: key.keyId,
    keyMaterialId: materialOfAll(sealed),
    sealed: Object.fromEntries(names.map((name, i) => [name, sealed[i]?.message])),
  };
}

/** Stores a record under a key. */
export async function sealedUnder(...args: Parameters<typeof newSealed>): Promise<NewRecord> {
  const record = await newSealed(...args);
  await sealer.seal(record, caller, soon());
  return record;
}

type Row = Pick<NewRecord, 'recordId' | 'userId' | 'publicKey' | 'shareSetId' | 'propertiesSha256' | 'sealed'>;

/** Opens a row of a wallet. Throws unless it has the materials that were sealed for it. */
export async function requireOwn(wallet: WalletKey, row: Row, key: KeyProvider): Promise<void> {
  const { walletId, chain } = wallet;
  for (const [name, expected] of materials.get(row.recordId) ?? []) {
    const context = recordContext({ ...row, walletId, chain, environment: ENVIRONMENT }, FIELDS[name]);
    const got = await openBytes(row.sealed[name] ?? Buffer.alloc(0), context, key, soon().signal);
    if (!got.equals(expected)) throw new Error(`expected the ${name} of ${row.recordId}, got another`);
  }
}

/** Opens the live record of a wallet for a caller. Throws unless it has the materials that were sealed for it. */
export async function unsealOwn(record: NewRecord, key: KeyProvider = present): Promise<void> {
  const row = await unsealer.unseal(query(record, { kind: record.kind }), caller, soon());
  await requireOwn(record, row, key);
}

export const materialsOf = ({ recordId }: Pick<NewRecord, 'recordId'>): readonly Buffer[] => [
  ...(materials.get(recordId)?.values() ?? []),
];

/** The environment of the function, with a password in place of a token. */
export async function resealerEnv(): Promise<Readonly<Record<string, string>>> {
  const { host, port, database: name, user, caFile, password } = await database.settings('vault_resealer');
  return {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: kms.url,
    AWS_ACCESS_KEY_ID: kms.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: kms.credentials.secretAccessKey,
    SHARE_VAULT_ENVIRONMENT: ENVIRONMENT,
    SHARE_VAULT_SHARE_KEY_ARN: present.keyId,
    SHARE_VAULT_OPENING_KEY_ARNS: JSON.stringify([former.keyId]),
    SHARE_VAULT_DB_HOST: host,
    SHARE_VAULT_DB_PORT: String(port),
    SHARE_VAULT_DB_NAME: name,
    SHARE_VAULT_DB_USER: user,
    SHARE_VAULT_DB_CA_FILE: caFile,
    SHARE_VAULT_DB_AUTH: 'password',
    PGPASSWORD: await password(),
  };
}

/** Lets a minute pass for all claims. */
export const endLeases = () =>
  superuser.query("UPDATE vault.reseal_claims SET claimed_at = claimed_at - interval '61 seconds'");

/** The keys and materials of all records, each once. */
export async function places(): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ place: string }>(
    `SELECT DISTINCT encryption_key_id || ' ' || key_material_id AS place FROM (
      SELECT encryption_key_id, key_material_id FROM vault.delegated_shares
      UNION ALL SELECT encryption_key_id, key_material_id FROM vault.server_key_shares) AS s ORDER BY 1`,
  );
  return rows.map(({ place }) => place);
}
