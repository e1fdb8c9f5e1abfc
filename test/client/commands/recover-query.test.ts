import { expect, test } from '@jest/globals';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { soon } from '../../support/postgres';
import { material } from '../../support/run';
import { caller, newRecord, newWallet, withProperties } from '../../lambda/store/fixtures';
import { sealer, superuser, useStores } from '../../lambda/store/stores';
import { run } from './support/account';
import { sealRow } from './support/recovery-row';

const PAGE = join(__dirname, '..', '..', '..', 'docs', 'keys', 'recovery.md');

useStores(['sealer']);

/** Runs the query of the page for a wallet. Returns what `psql` prints of it. */
async function queryRow(walletId: string, chain: string): Promise<string> {
  const [, sql = ''] = /```sql\n([^]*?)```/.exec(readFileSync(PAGE, 'utf8')) ?? [];
  const [setRole = '', select = ''] = sql.split(';');
  await superuser.query(setRole);
  const { rows } = await superuser.query<{ row_to_json: unknown }>(
    select.replace('WALLET', walletId).replace('CHAIN', chain),
  );
  await superuser.query('RESET ROLE');
  expect(rows).toHaveLength(1);
  return JSON.stringify(rows[0]?.row_to_json);
}

test('share-vault recover opens the row that the query of docs/keys/recovery.md returns', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'recover-'));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [delegatedShare, walletApiKey] = [material(900), material(40)];
  const record = newRecord(newWallet(), withProperties('{}'));
  const { columns } = await sealRow('delegated-share', { delegatedShare, walletApiKey }, { safe: createPublicKey(privateKey) }, record); // prettier-ignore
  const sealed = { delegatedShare: columns.encrypted_delegated_share, walletApiKey: columns.encrypted_wallet_api_key };
  await sealer.seal({ ...record, sealed }, caller, soon());
  writeFileSync(join(folder, 'row.json'), await queryRow(record.walletId, record.chain));
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const paths = ['row.json', 'key.pem', 'share', 'api-key'].map((name) => join(folder, name));
  const names = ['--record', '--private-key', '--delegated-share', '--wallet-api-key'];

  const { code, stderr } = await run(['recover', '--environment', 'prod', ...names.flatMap((name, i) => [name, paths[i] ?? ''])]); // prettier-ignore

  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^opened record /) });
  expect(readFileSync(join(folder, 'share'))).toEqual(delegatedShare);
  expect(readFileSync(join(folder, 'api-key'))).toEqual(walletApiKey);
  rmSync(folder, { recursive: true });
});
