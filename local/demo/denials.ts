import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Credentials } from '../emulator/services/functions/environment';
import type { LocalVault } from '../vault';
import { endpointConfig } from '../vault/endpoint';
import { refusal } from './refusal';
import type { Report } from './report';
import { readStored } from './stored-message';

const DENIED = 'AccessDeniedException';

/** Calls KMS to unwrap a record's data key in four ways. Throws unless the template's policies deny each call. */
export async function showDenials(vault: LocalVault, recordId: string, report: Report): Promise<void> {
  const { functions, administrator } = vault;
  const { context, wrapped } = await dataKeyOf(vault, recordId);
  const role = vault.template.functions().find(({ name }) => name === functions.unseal)?.roleArn ?? '';
  const deny = (label: string, credentials: Credentials, caller: string, pairs = context): Promise<string> =>
    report.step(
      label,
      () => refusal(DENIED, () => decrypt(vault, credentials, wrapped, pairs)),
      (got) => `${got.padEnd(23)}${caller}`,
    );
  await deny('admin', administrator, 'an administrator of the account, with *:*');
  await deny('stolen role', vault.session(role), 'the role of unseal, outside of its function');
  await deny('sealer', vault.functionSession(functions.seal), 'the function seal');
  const elsewhere = { ...context, environment: 'elsewhere' };
  await deny(
    'environment',
    vault.functionSession(functions.unseal),
    'the function unseal, with another environment',
    elsewhere,
  );
}

interface DataKey {
  readonly context: Readonly<Record<string, string>>;
  readonly wrapped: Uint8Array;
}

/** Returns the wrapped data key and its context, both of which every copy of the row contains. */
async function dataKeyOf(vault: LocalVault, recordId: string): Promise<DataKey> {
  const superuser = await vault.database('superuser');
  try {
    const sql = 'SELECT encrypted_delegated_share AS sealed FROM vault.delegated_shares WHERE id = $1';
    const { rows } = await superuser.query<{ sealed: Buffer }>(sql, [recordId]);
    const { context, dataKeys } = readStored(rows[0]?.sealed ?? Buffer.alloc(0));
    return { context: Object.fromEntries(context), wrapped: dataKeys[0]?.ciphertext ?? Buffer.alloc(0) };
  } finally {
    await superuser.end();
  }
}

async function decrypt(
  vault: LocalVault,
  credentials: Credentials,
  CiphertextBlob: Uint8Array,
  EncryptionContext: Readonly<Record<string, string>>,
): Promise<void> {
  const kms = new KMSClient(endpointConfig(vault, { credentials, maxAttempts: 1 }));
  await kms.send(new DecryptCommand({ KeyId: vault.keys.shareKeyArn, CiphertextBlob, EncryptionContext }));
}
